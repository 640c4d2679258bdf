"""The Textual screen: a replica by fold that reads, tells why, and can stop the bot."""
