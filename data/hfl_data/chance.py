"""Chance that no library version can change: splitmix64 by counter, in integers only.

Draw number n of a stream is mix(stream + (n + 1) x golden ratio), so any draw can be made without
those before it. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014,
with the constants of the reference splitmix64.c.
"""

import hashlib
from typing import Final

_MASK: Final = 2**64 - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_LOW: Final = 0xFFFF


def stream(seed: int, name: str) -> int:
    """Return the stream that belongs to a seed and a name."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8])


def draw(key: int, number: int) -> int:
    """Return draw `number` of a stream: 64 random bits."""
    z = (key + (number + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def bell(bits: int) -> int:
    """Return a bell-shaped integer of mean 0 and standard deviation 37,837 from 64 random bits.

    The sum of four uniform 16-bit numbers (Irwin-Hall), so it never leaves +-131,070.
    """
    return (bits & _LOW) + ((bits >> 16) & _LOW) + ((bits >> 32) & _LOW) + (bits >> 48) - 2 * _LOW
