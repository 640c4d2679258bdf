"""The demo: the real bot, its real venue, a real SIGKILL, and what the journal says of it all."""
