"""One file each: a source of bars, named as the user names it in the configuration."""
