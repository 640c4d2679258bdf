"""The front door: command line, wiring and the daemon."""
