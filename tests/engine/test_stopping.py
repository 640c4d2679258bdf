"""Stops: limits trip exactly, are lifted by policy or by a human who typed it, and say why not."""

from decimal import Decimal

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.effects import ClearLatch, EndRun, MoveCash, SetLatch
from hfl_core.domain.orders import Purpose
from tests.engine.kit import (
    DAY,
    HOUR,
    MONDAY,
    D,
    Play,
    Puppet,
    command,
    kinds,
    limits,
    of_kind,
    report,
    resume,
    run_started,
)

WIDE = {
    "daily_loss_fraction_max": D(1),
    "weekly_loss_fraction_max": D(1),
    "monthly_loss_fraction_max": D(1),
    "drawdown_fraction_max": D(1),
}
PERIOD_DAYS = {"daily_loss": 1, "weekly_loss": 7, "monthly_loss": 27, "drawdown": 27}


def held(limit: str = "", fraction: str = "0.02", **changes) -> Play:
    """Hold 50 at 100 without a stop, of 10,000; only the named limit is near."""
    bounds = limits(**(WIDE | ({f"{limit}_fraction_max": D(fraction)} if limit else {})))
    play = Play(bounds=bounds, strategy=Puppet(stop_distance=0.0), fixed_lots=50, **changes).start()
    play.bar(100, "long")
    entry = play.only(Purpose.ENTRY)
    play.accept(entry)
    play.fill(entry)
    return play


def tripped(play: Play) -> list[ev.LimitTripped]:
    return of_kind(play.events, ev.LimitTripped)


def refusal(play: Play, event: ev.CommandReceived) -> str:
    (refused,) = play.say(event)
    assert isinstance(refused, ev.CommandRefused)
    return refused.why


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", sorted(PERIOD_DAYS))
def test_a_limit_trips_at_exactly_its_value_and_not_a_cent_before(limit: str):
    play = held(limit)
    play.bar(96.01)
    before = tripped(play)
    play.bar(96)
    (trip,) = tripped(play)

    assert before == []
    assert (trip.limit, trip.value, trip.threshold) == (limit, D(200), D(200))
    assert trip.latch_id == f"{limit}-1"
    assert trip.period_end_ns == MONDAY + PERIOD_DAYS[limit] * DAY


def test_a_trip_latches_reduce_only_and_says_so():
    play = held("daily_loss")
    play.bar(96)
    (latch,) = of_kind(play.effects, SetLatch)

    assert (latch.level, latch.latch_id) == ("reduce_only", "daily_loss-1")
    assert latch.reason == "daily_loss: 200 beyond 200"
    assert play.alerts() == ["limit tripped: daily_loss: 200 beyond 200"]
    assert play.book.level == "reduce_only"


def test_a_tripped_limit_trips_once():
    play = held("daily_loss")
    for price in (96, 95, 94):
        play.bar(price)

    assert len(tripped(play)) == 1


def test_two_limits_trip_apart():
    near = {"daily_loss_fraction_max": D("0.01"), "drawdown_fraction_max": D("0.02")}
    tight = Play(
        bounds=limits(**(WIDE | near)),
        strategy=Puppet(stop_distance=0.0),
        fixed_lots=50,
    ).start()
    tight.bar(100, "long")
    entry = tight.only(Purpose.ENTRY)
    tight.accept(entry)
    tight.fill(entry)
    tight.bar(98)
    tight.bar(96)

    assert [trip.latch_id for trip in tripped(tight)] == ["daily_loss-1", "drawdown-2"]


def test_a_loss_that_was_realised_trips_too():
    """The stop filled, nothing is held any more: the day's loss is no smaller for that."""
    play = held("daily_loss")
    play.say(command("close_all"))
    play.say(resume("req-close_all"))
    exit_order = play.only(Purpose.EXIT)
    play.accept(exit_order)
    play.fill(exit_order, 50, 96)
    play.bar(100)

    assert play.book.positions == {}
    assert [trip.limit for trip in tripped(play)] == ["daily_loss"]


def test_a_tripped_limit_refuses_entries_and_lets_exits_go_on():
    play = held("daily_loss")
    play.bar(96)
    play.bar(96, "flat")

    assert play.only(Purpose.EXIT).quantity == D(50)


@pytest.mark.parametrize("limit", ["daily_loss", "drawdown"])
def test_the_next_period_policy_lifts_what_has_ended_at_the_boundary(limit: str):
    play = held(limit, operator_policy="next-period")
    play.bar(96)
    latched = play.book.level
    end = tripped(play)[0].period_end_ns
    play.bar(96, after=end - play.now - HOUR)
    still = play.book.level
    play.bar(96, after=HOUR)

    assert (latched, still, play.book.level) == ("reduce_only", "reduce_only", "")
    (resumed,) = of_kind(play.events, ev.Resumed)
    assert (resumed.latch_ids, resumed.actor) == ((f"{limit}-1",), "policy:next-period")
    assert of_kind(play.effects, ClearLatch)[0].latch_ids == (f"{limit}-1",)


def test_without_a_policy_nothing_is_lifted_by_itself():
    play = held("daily_loss")
    play.bar(96)
    play.bar(96, after=3 * DAY)

    assert play.book.level == "reduce_only"


def test_lifting_a_drawdown_rebases_the_high_water_mark():
    play = held("drawdown", operator_policy="next-period")
    play.bar(96)
    play.bar(97, after=tripped(play)[0].period_end_ns - play.now)
    (rebased,) = of_kind(play.events, ev.DrawdownRebased)

    assert (rebased.old, rebased.new) == (D(10_000), D(9_850))
    assert play.core.decider.high_water_mark == 9_850 * 10**12
    assert play.book.level == ""


def test_after_a_rebase_the_drawdown_counts_from_the_new_mark():
    play = held("drawdown", "0.02", operator_policy="next-period")
    play.bar(96)
    play.bar(96, after=tripped(play)[0].period_end_ns - play.now)
    play.bar(92.09)
    before = len(tripped(play))
    play.bar(92.08)

    assert (before, len(tripped(play))) == (1, 2)
    assert tripped(play)[1].value == D(196)


def test_a_human_stop_is_not_lifted_by_the_policy():
    play = held(operator_policy="next-period")
    play.say(command("pause"))
    play.bar(100, after=40 * DAY)

    assert play.book.level == "reduce_only"


@pytest.mark.parametrize("amount", [D(5_000), D(-4_000)])
def test_deposits_and_withdrawals_are_neutral(amount: Decimal):
    """The distance to the limit in money stays the same: only prices move it."""
    play = held("daily_loss")
    play.say(ev.CashMoved(request_id="c", amount=amount))
    share = (D(10_000) + amount) * D("0.02")
    price = float(100 - share / 50)
    play.bar(price + 0.01)
    before = tripped(play)
    play.bar(price)

    assert before == []
    assert tripped(play)[0].value == share


# --- commands -------------------------------------------------------------------------------------


def test_pause_latches_reduce_only_under_its_request():
    play = Play().start()
    play.say(command("pause", "p1", reason="lunch"))
    latch = play.book.latches["p1"]

    assert (latch.level, latch.reason, latch.actor) == ("reduce_only", "lunch", "human")
    assert of_kind(play.effects, SetLatch)[-1].latch_id == "p1"


def test_kill_latches_halts_and_ends_the_run():
    play = Play().start()
    play.say(command("kill", "k1"))

    assert (play.book.level, play.book.state, play.book.halt_reason) == ("kill", "halted", "killed")
    assert [effect.reason for effect in of_kind(play.effects, EndRun)] == ["killed"]


def test_close_all_pauses_and_exits_every_position_once():
    play = held()
    play.say(command("close_all", "c1"))
    play.say(command("close_all", "c2"))

    assert [event.reason for event in of_kind(play.events, ev.ExitDecided)] == ["close_all"]
    assert (play.book.level, play.only(Purpose.EXIT).quantity) == ("reduce_only", D(50))


def test_stop_ends_the_run_without_a_latch():
    play = Play().start()
    play.say(command("stop"))

    assert (play.book.latches, of_kind(play.effects, EndRun)[0].reason) == ({}, "stopped")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (resume("p1", typed="yes"), "expected the typed word RESUME, found 'yes'"),
        (command("resume", latch_ids="p1"), "expected the typed word RESUME, found None"),
        (resume("p1", "gone"), "expected the stops in force, found gone: look again"),
        (command("dance"), "expected a known verb, found 'dance'"),
        (command("deposit", amount="0"), "expected an amount above zero, found 0"),
        (command("deposit", amount="-5"), "expected an amount above zero, found -5"),
        (command("deposit", amount="NaN"), "expected a finite number, found 'NaN'"),
        (command("deposit"), "expected a decimal number, found ''"),
        (
            command("withdraw", amount="10000.01"),
            "expected at most the cash of 10000, found 10000.01",
        ),
        (
            command("accept_position", symbol="AAA"),
            "expected an instrument halted by a mismatch, found 'AAA'",
        ),
    ],
)
def test_what_is_refused_is_told_in_one_sentence_and_changes_nothing(event, why: str):
    play = Play().start()
    play.say(command("pause", "p1"))

    assert refusal(play, event) == why
    assert list(play.book.latches) == ["p1"]


def test_resuming_a_limit_before_its_period_is_over_is_refused():
    play = held("daily_loss")
    play.bar(96)
    why = refusal(play, resume("daily_loss-1"))

    assert why == "expected the period of daily_loss to be over: it is not yet"
    play.bar(96, after=DAY)
    play.say(resume("daily_loss-1", request_id="again"))

    assert play.book.latches == {}


def test_a_human_resume_after_a_drawdown_rebases_in_his_name():
    play = held("drawdown")
    play.bar(96)
    play.bar(96, after=31 * DAY)
    events = play.say(resume("drawdown-1"))

    assert kinds(events) == ["DrawdownRebased", "Resumed"]
    (rebased,) = of_kind(events, ev.DrawdownRebased)
    assert (rebased.by, rebased.reason) == ("human", "looked at it")


def test_resume_lifts_exactly_what_was_shown():
    play = Play().start()
    for latch_id in ("a", "b"):
        play.say(command("pause", latch_id))
    play.say(resume("a"))

    assert list(play.book.latches) == ["b"]


def test_resume_after_a_kill_brings_the_machine_back():
    play = Play().start()
    play.say(command("kill", "k"))
    play.say(resume("k"))

    assert (play.book.state, play.book.level) == ("idle", "")


def test_resuming_another_stop_leaves_a_kill_in_force():
    play = Play().start()
    play.say(command("pause", "p"))
    play.say(command("kill", "k"))
    play.say(resume("p"))

    assert (play.book.state, play.book.level) == ("halted", "kill")


def test_cash_moves_are_effects_with_the_request_as_their_key():
    play = Play().start()
    play.say(command("deposit", "d1", amount="250.50"))
    play.say(command("withdraw", "w1", amount="1E+2"))

    assert of_kind(play.effects, MoveCash) == [
        MoveCash(request_id="d1", amount="250.5"),
        MoveCash(request_id="w1", amount="-100"),
    ]
    assert play.book.cash == D(10_000)


def test_a_known_request_is_known():
    play = Play().start()
    play.say(command("pause", "p1"))

    assert play.engine.is_known_request("p1")
    assert not play.engine.is_known_request("p2")


# --- stops that the engine finds ------------------------------------------------------------------


@pytest.mark.parametrize(("level", "state"), [("reduce_only", "idle"), ("kill", "halted")])
def test_a_latch_file_is_obeyed_like_a_command(level: str, state: str):
    play = Play().start()
    play.say(ev.LatchFound(level=level, latch_id="f1", text="by hand"))

    assert (play.book.level, play.book.state) == (level, state)
    assert play.alerts() == [f"stop found: {level} by hand"]


def test_a_new_version_with_positions_open_starts_paused():
    play = held()
    play.say(run_started("r2", changed=("code", "rules")))

    assert play.book.latches["upgrade-r2"].reason == "changed since the last run: code, rules"


def test_a_new_version_without_anything_open_starts_as_usual():
    play = Play().start()
    play.say(run_started("r2", changed=("code",)))

    assert play.book.latches == {}


def test_a_start_engages_every_stop_of_the_journal_again():
    play = Play().start()
    play.say(command("pause", "p"))
    play.effects.clear()
    play.say(run_started("r2"))

    assert [effect.latch_id for effect in of_kind(play.effects, SetLatch)] == ["p"]


def test_a_start_under_kill_stays_halted_after_reconciling():
    play = Play().start()
    play.say(command("kill", "k"))
    play.say(run_started("r2"))
    play.say(report())

    assert (play.book.state, play.book.halt_reason) == ("halted", "killed")
