"""The engine: table, machine, book, decider and step."""
