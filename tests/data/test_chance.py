"""The generator is splitmix64 and stays it."""

from statistics import fmean, pstdev

from hypothesis import given
from hypothesis import strategies as st

from hfl_data.chance import bell, draw, stream


def test_draws_are_those_of_the_published_generator():
    """First outputs of splitmix64 seeded with 1234567, as in its public test vectors."""
    assert [draw(1_234_567, number) for number in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(bits=st.integers(0, 2**64 - 1))
def test_bell_is_bounded_and_symmetric(bits):
    assert abs(bell(bits)) <= 131_070
    assert bell(bits) == -bell(2**64 - 1 - bits)


def test_bell_has_the_mean_and_deviation_it_claims():
    sample = [bell(draw(stream(1, "test"), number)) for number in range(20_000)]

    assert abs(fmean(sample)) < 4 * 37_837 / 20_000**0.5
    assert abs(pstdev(sample) / 37_837 - 1) < 0.02


def test_streams_of_other_names_or_seeds_differ():
    assert len({stream(1, "a"), stream(1, "b"), stream(2, "a")}) == 3
