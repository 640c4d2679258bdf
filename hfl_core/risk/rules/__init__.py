"""Risk rules, one file each."""
