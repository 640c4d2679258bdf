"""Incremental features: one file each, pushed one closed bar at a time."""
