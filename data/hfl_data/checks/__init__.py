"""What can be wrong with a file of bars, one check a file: its codes, and how it is found."""
