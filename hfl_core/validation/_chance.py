"""Streams of chance from a seed, one for each tool. Knows nothing of what is drawn.

A caller may well have made the very data with `default_rng(seed)` and pass the same seed on. With
the tool's name in its key, a stream repeats neither the caller's nor another tool's.
"""

import numpy as np

from hfl_core.domain.errors import DataError


def generator(seed: int, tool: str) -> np.random.Generator:
    """Return the tool's generator for a seed; raises DataError for a seed below 0."""
    return np.random.Generator(np.random.PCG64(_sequence(seed, tool)))


def words(seed: int, tool: str, *, part: int) -> np.random.SFC64:
    """Return a source of random 64-bit words, another one for each part of the work.

    Raises DataError for a seed below 0.
    """
    return np.random.SFC64(_sequence(seed, tool, part))


def _sequence(seed: int, tool: str, *parts: int) -> np.random.SeedSequence:
    if seed != int(seed) or seed < 0:
        raise DataError(f"expected a seed as a whole number of 0 or more, found {seed}: change it")
    return np.random.SeedSequence(int(seed), spawn_key=(*tool.encode(), *parts))
