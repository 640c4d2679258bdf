"""Desks, one file each, named as in the configuration."""
