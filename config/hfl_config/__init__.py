"""Configuration: paths, models, defaults."""
