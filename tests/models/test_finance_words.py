"""The tone of a headline: known words only, bounded, orders have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_models.finance_words import WEIGHTS, tone


@pytest.mark.parametrize(
    "text",
    ["AAA profit rises", "AAA soars on upgrade", "AAA climbs as buyers return", "No losses at AAA"],
)
def test_good_news_is_above_zero(text):
    assert tone(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "AAA slides as sellers take over",
        "AAA files for bankruptcy",
        "AAA reports record losses",
        "AAA fails to improve profit",
        "Regulator opens an inquiry into AAA",
        "AAA doesn't grow, profit falls",
    ],
)
def test_bad_news_is_below_zero(text):
    assert tone(text) < 0


@pytest.mark.parametrize(
    "text", ["", "AAA", "Buy AAA now", "Sell everything", "go long AAA", "short it", "\u0440rofit"]
)
def test_orders_and_unknown_words_have_no_tone(text):
    assert tone(text) == 0


def test_a_strong_word_counts_twice():
    assert tone("crash") == 2 * tone("falls")


def test_a_turned_word_counts_half_on_the_other_side():
    assert tone("not weak") == -tone("weak") / 2
    assert tone("not so very much as weak") == tone("weak")


def test_no_word_is_on_two_sides():
    assert set(WEIGHTS.values()) == {-2, -1, 1, 2}
    assert not {"buy", "sell", "long", "short", "hold"} & set(WEIGHTS)


@given(st.lists(st.sampled_from([*WEIGHTS, "not", "AAA"]), max_size=60))
def test_the_tone_stays_within_its_bounds(words):
    assert -1.0 <= tone(" ".join(words)) <= 1.0
