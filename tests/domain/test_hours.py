"""Windows of the week: read from text, found by an instant, refused when they are none."""

import pytest

from hfl_core.domain.hours import HOURS_LENGTH_MAX, parse_hours, window_at, window_text

MINUTE = 60_000_000_000
DAY = 1_440 * MINUTE
# Monday, 5 January 2026, 00:00 UTC.
MONDAY = 1_767_571_200 * 1_000_000_000


@pytest.mark.parametrize("text", ["", " ", ";", "forex 20:45-22:15", "forex fri 20:00-24:00"])
def test_windows_read_back_as_they_were_written(text: str):
    windows = parse_hours(text)

    assert "; ".join(window_text(each) for each in windows) == text.strip(" ;")


@pytest.mark.parametrize(
    ("minute", "is_inside"),
    [(0, False), (1_244, False), (1_245, True), (1_334, True), (1_335, False)],
)
def test_a_window_begins_with_its_first_minute_and_ends_before_its_last(minute, is_inside):
    windows = parse_hours("stocks 01:00-02:00; forex 20:45-22:15")

    for day in range(7):
        found = window_at(windows, "forex", MONDAY + day * DAY + minute * MINUTE)
        assert (found is not None) == is_inside


def test_a_weekday_is_that_day_alone():
    windows = parse_hours("crypto fri 00:00-24:00")
    days = [window_at(windows, "crypto", MONDAY + day * DAY) is not None for day in range(7)]

    assert days == [False, False, False, False, True, False, False]
    assert window_at(windows, "crypto", MONDAY + 5 * DAY - 1) is not None


def test_another_class_has_its_own_hours():
    assert window_at(parse_hours("forex 00:00-24:00"), "stocks", MONDAY) is None


@pytest.mark.parametrize(
    "bad",
    [
        "forex",
        "forex 10:00",
        "forex 10:00-09:00",
        "forex 10:00-10:00",
        "forex 10:00-24:01",
        "forex 10:60-11:00",
        "forex xyz 10:00-11:00",
        "shares 10:00-11:00",
        "forex 1:00-2:00",
        "forex 10:00-11:00, stocks 10:00-11:00",
    ],
)
def test_what_is_no_window_is_refused_with_an_example(bad: str):
    with pytest.raises(ValueError, match='such as "forex fri 20:45-22:15; stocks 13:30-13:45"'):
        parse_hours(bad)


def test_a_text_without_end_is_refused():
    with pytest.raises(ValueError, match="at most 1000 characters"):
        parse_hours(";" * (HOURS_LENGTH_MAX + 1))
