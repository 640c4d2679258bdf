"""Each tool has a stream of its own, and none repeats the one that made the data."""

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import generator, words


def first(chance):
    return chance.integers(0, 2**63, 8).tolist()


def test_the_same_seed_and_tool_give_the_same_stream_and_others_another():
    streams = [
        first(generator(1, "one")),
        first(generator(1, "two")),
        first(generator(2, "one")),
        first(np.random.default_rng(1)),
        words(1, "one", part=0).random_raw(8).tolist(),
        words(1, "one", part=1).random_raw(8).tolist(),
    ]

    assert first(generator(1, "one")) == streams[0]
    assert len({tuple(stream) for stream in streams}) == len(streams)


@pytest.mark.parametrize("seed", [-1, 1.5])
def test_seeds_are_whole_numbers(seed):
    with pytest.raises(DataError, match="expected a seed as a whole number of 0 or more, found"):
        generator(seed, "one")
