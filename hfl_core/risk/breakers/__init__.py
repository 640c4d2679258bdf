"""Circuit breakers, one file each: what trips them, what they do, how they re-arm."""
