"""Raised limits wait in engine time and across restarts; stricter ones bind the next decision."""

from typing import Any
from zoneinfo import ZoneInfo

from hfl_core.domain import events as ev
from hfl_core.domain.limit_changes import RAISE_DELAY, limits_text
from hfl_core.domain.limits import limits_hash
from hfl_core.domain.orders import Purpose
from hfl_core.domain.values import with_changes
from hfl_core.engine.step import Engine
from hfl_core.features.catalogue import make
from tests.engine.kit import (
    DAY,
    HOUR,
    D,
    Play,
    Puppet,
    command,
    limits,
    of_kind,
    report,
    run_started,
    settings,
)

WAIT_S = 24 * 3_600


def restarted(earlier: Play, run_id: str = "r2", **changes: Any) -> Play:
    """Start again with other settings behind what was journaled until now."""
    play = Play(engine=Engine(settings(bounds=limits(**changes)), make))
    past = [*vars(earlier).get("past", []), *earlier.events]
    vars(play)["past"] = past
    for event in past:
        play.core.fold_event(event, earlier.now)
    play.core.time_ns = play.now = earlier.now
    play.say(run_started(run_id))
    play.say(report())
    return play


def asked(**changes: Any) -> dict[str, str]:
    return {**limits_text(limits(**changes)), RAISE_DELAY: str(WAIT_S * 1_000_000_000)}


def daily(play: Play) -> str:
    return str(play.core.limits.daily_loss_fraction_max)


def test_a_new_account_takes_its_limits_at_once_and_journals_them():
    play = Play().start()
    (changed,) = of_kind(play.events, ev.LimitsChanged)

    assert {name: new for name, _, new in changed.changes} == asked()
    assert {old for _, old, _ in changed.changes} == {""}
    assert changed.limits_hash == limits_hash(limits()) == play.core.limits_hash
    assert of_kind(play.events, ev.LimitsScheduled) == []


def test_the_same_limits_at_a_restart_leave_no_row():
    play = restarted(Play().start())

    assert of_kind(play.events, ev.LimitsChanged) == []
    assert of_kind(play.events, ev.LimitsScheduled) == []


def test_a_raise_at_a_restart_waits_and_a_stricter_limit_does_not():
    play = restarted(
        Play().start(), daily_loss_fraction_max=D("0.03"), drawdown_fraction_max=D("0.05")
    )
    (changed,) = of_kind(play.events, ev.LimitsChanged)
    (scheduled,) = of_kind(play.events, ev.LimitsScheduled)

    assert changed.changes == (("drawdown_fraction_max", "0.1", "0.05"),)
    assert scheduled.waiting == (("daily_loss_fraction_max", "0.02", "0.03", play.now + DAY),)
    assert daily(play) == "0.02"


def test_a_waiting_raise_holds_when_its_engine_time_comes_and_says_so():
    play = restarted(Play().start(), daily_loss_fraction_max=D("0.03"))
    play.run_timers(WAIT_S - 1)
    before = daily(play)
    play.run_timers(1)

    assert (before, daily(play)) == ("0.02", "0.03")
    assert of_kind(play.events, ev.LimitsChanged)[-1].changes == (
        ("daily_loss_fraction_max", "0.02", "0.03"),
    )
    assert play.core.limits_hash == limits_hash(limits(daily_loss_fraction_max=D("0.03")))
    assert play.alerts() == [
        "raised limits in force: daily_loss_fraction_max 0.02 -> 0.03",
    ]
    assert play.book.limits_waiting == {}


def test_the_wait_goes_on_across_restarts_and_is_not_begun_again():
    wanted: dict[str, Any] = {"daily_loss_fraction_max": D("0.03")}
    first = restarted(Play().start(), **wanted)
    due_ns = first.now + DAY
    first.run_timers(WAIT_S / 2)
    second = restarted(first, "r3", **wanted)
    second.run_timers(WAIT_S / 2 - 1)
    before = daily(second)
    second.run_timers(1)

    assert first.book.limits_waiting == {"daily_loss_fraction_max": ("0.03", due_ns)}
    assert (before, daily(second)) == ("0.02", "0.03")
    assert second.now == due_ns


def test_a_raise_whose_time_came_while_nothing_ran_holds_soon_after_the_start():
    first = restarted(Play().start(), daily_loss_fraction_max=D("0.03"))
    first.now += 3 * DAY
    second = restarted(first, "r3", daily_loss_fraction_max=D("0.03"))
    second.run_timers(1)

    assert daily(second) == "0.03"


def test_taking_a_raise_back_ends_its_wait():
    first = restarted(Play().start(), daily_loss_fraction_max=D("0.03"))
    second = restarted(first, "r3")
    second.run_timers(2 * WAIT_S)

    assert of_kind(second.events, ev.LimitsScheduled)[0].waiting == ()
    assert daily(second) == "0.02"


def test_a_running_engine_takes_a_stricter_limit_with_its_very_next_scan():
    play = Play(
        bounds=limits(weekly_loss_fraction_max=D(1), daily_loss_fraction_max=D("0.5")),
        strategy=Puppet(stop_distance=0.0),
        fixed_lots=50,
    ).start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    play.bar(97)  # 150 of 10,000 lost
    before = of_kind(play.events, ev.LimitTripped)
    tighter = {**asked(weekly_loss_fraction_max=D(1)), "daily_loss_fraction_max": "0.01"}
    play.say(command("limits", **tighter))
    play.bar(97)

    assert before == []
    assert [trip.limit for trip in of_kind(play.events, ev.LimitTripped)] == ["daily_loss"]


def test_a_command_with_no_complete_set_of_limits_is_refused():
    play = Play().start()
    (refused,) = play.say(command("limits", daily_loss_fraction_max="0.01"))

    assert isinstance(refused, ev.CommandRefused)
    assert refused.why.startswith("expected the limit ")
    assert daily(play) == "0.02"


def test_an_order_is_approved_under_the_limits_in_force_not_those_asked_for():
    play = restarted(Play().start(), daily_loss_fraction_max=D("0.03"))
    play.bar(100, "long")
    (assessed,) = [e for e in of_kind(play.events, ev.RiskAssessed) if e.rules or e.quantity]

    assert assessed.limits_hash == limits_hash(limits())


def test_another_zone_waits_and_then_moves_the_day():
    def tokyo(earlier: Play, run_id: str) -> Play:
        bounds = limits(period_zone="Asia/Tokyo")
        plain = settings(bounds=bounds)
        made = with_changes(plain, zone=ZoneInfo("Asia/Tokyo"), named_zones=ZoneInfo)
        play = Play(engine=Engine(made, make))
        for event in earlier.events:
            play.core.fold_event(event, earlier.now)
        play.core.time_ns = play.now = earlier.now
        play.say(run_started(run_id))
        play.say(report())
        return play

    play = tokyo(Play().start(), "r2")
    play.bar(100)
    day_in_utc = play.core.decider.period_ends[0]
    play.run_timers(WAIT_S)
    play.bar(100)
    play.bar(100, after=DAY)
    day_in_tokyo = play.core.decider.period_ends[0]

    assert day_in_utc % DAY == 0
    assert day_in_tokyo % DAY == 15 * HOUR


def test_a_snapshot_carries_limits_and_waits():
    play = restarted(Play().start(), daily_loss_fraction_max=D("0.03"))
    copy = Engine(play.core.settings, make)
    copy.restore(play.engine.state())
    assert str(copy.core.limits.daily_loss_fraction_max) == "0.02"
    assert copy.core.book.limits_waiting == play.book.limits_waiting
    assert copy.state() == play.engine.state()
