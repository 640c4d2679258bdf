"""A close at the very end of a period is judged by the period that ends there."""

import pytest

from hfl_core.domain import events as ev
from tests.engine.kit import DAY, MONDAY, D, of_kind, resume
from tests.engine.test_stopping import PERIOD_DAYS, held, tripped


@pytest.mark.parametrize("limit", ["daily_loss", "weekly_loss", "monthly_loss"])
def test_a_loss_at_the_very_end_of_a_period_is_that_periods(limit: str):
    """Bars as long as a day close at its end only: the next day's base must not swallow the loss.

    The stop stays until a human lifts it, and may be lifted at once: its period is over.
    """
    play = held(limit)
    end = MONDAY + PERIOD_DAYS[limit] * DAY
    play.bar(100, after=end - DAY - play.now)
    play.bar(96.01, after=DAY)
    before = tripped(play)
    other = held(limit)
    other.bar(100, after=end - DAY - other.now)
    other.bar(96, after=DAY)
    (trip,) = tripped(other)
    other.bar(96)

    assert before == []
    assert (trip.limit, trip.value, trip.threshold) == (limit, D(200), D(200))
    assert trip.period_end_ns == end
    assert other.book.level == "reduce_only"
    other.say(resume(trip.latch_id))
    assert other.book.level == ""


def test_a_loss_at_the_very_end_of_a_period_is_told_and_lifted_by_the_policy():
    play = held("daily_loss", operator_policy="next-period")
    play.bar(96, after=MONDAY + DAY - play.now)
    play.bar(96)

    assert [trip.limit for trip in tripped(play)] == ["daily_loss"]
    assert [event.actor for event in of_kind(play.events, ev.Resumed)] == ["policy:next-period"]
    assert play.book.level == ""


def over_a_weekend(monday: float, tuesday: float) -> tuple[list[ev.LimitTripped], int]:
    """Hold over a weekend without bars; return the trips, and the end of Monday."""
    play = held("daily_loss")
    friday_ends, monday_ends = MONDAY + 5 * DAY, MONDAY + 8 * DAY
    play.bar(100, after=friday_ends - play.now)
    play.bar(monday, after=monday_ends - play.now)
    play.bar(tuesday, after=DAY)
    return tripped(play), monday_ends


def test_behind_days_without_bars_each_day_counts_from_its_own_start():
    """Monday lost 150 and Tuesday 100: neither reached 200, and no day has two days' loss."""
    trips, _ = over_a_weekend(97, 95)

    assert trips == []


def test_the_first_close_behind_days_without_bars_is_judged_by_its_own_day():
    (trip,), monday_ends = over_a_weekend(96, 95)

    assert (trip.value, trip.period_end_ns) == (D(200), monday_ends)
