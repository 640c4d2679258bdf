"""The stop: caught on the input thread, told step by step, never under Enter alone."""
