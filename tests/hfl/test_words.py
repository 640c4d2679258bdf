"""Figures as a person reads them."""

import pytest

from hfl.words import measured, short


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0.00170067805", "0.00170068"),
        ("9953.93213561", "9953.93"),
        ("1234567.891", "1234567.89"),
        ("20082", "20082"),
        ("USD", "USD"),
        ("", ""),
    ],
)
def test_a_real_number_is_short_and_anything_else_as_it_is(text, told):
    assert short(text) == told


def test_lengths_of_time_are_told_as_such_and_money_without_its_name():
    assert (
        measured("752400000000000", "14400000000000", "-1", unit="nanoseconds, at least")
        == "value 8.7 d  limit 4 h  headroom -1e-09 s at least"
    )
    assert (
        measured("5", "10", "5", unit="account currency, at least")
        == "value 5  limit 10  headroom 5 at least"
    )
    assert measured("USD", "USD", "", unit="currency") == "value USD  limit USD  headroom  currency"
