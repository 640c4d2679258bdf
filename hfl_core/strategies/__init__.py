"""Strategies: pure, one file each, named as the user names them in the configuration."""
