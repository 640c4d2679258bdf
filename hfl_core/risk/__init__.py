"""The risk gate and sizing: pure, every rule runs."""
