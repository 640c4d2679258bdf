"""What the project costs in time and memory: `make bench`."""
