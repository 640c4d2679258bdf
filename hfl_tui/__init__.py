"""The Textual screen, a replica by fold and a control client: only a door so far."""
