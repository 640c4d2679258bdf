"""The Textual screen: a replica by fold and a control client."""
