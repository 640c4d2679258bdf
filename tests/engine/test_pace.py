"""The pace: what is kept of entries, answers, losing trades and tripped breakers."""

import json

import pytest

from hfl_core.engine.pace import HOUR_NS, BreakerRecord, Pace
from hfl_core.risk.breaking import ACCOUNT, REDUCE_ONLY, REFUSE
from tests.engine.kit import D


def record(
    breaker: str = "price", symbol: str = "AAA", since_ns: int = 5, action: str = REFUSE
) -> BreakerRecord:
    return BreakerRecord(
        breaker=breaker, symbol=symbol, reason="fell", since_ns=since_ns, until_ns=99, action=action
    )


def test_a_pace_that_noted_nothing_is_empty():
    fresh = Pace().state()

    assert fresh == {
        "entries": [],
        "same": {},
        "answers": [],
        "losing_run": 0,
        "lost_ns": 0,
        "stopped_out": {},
        "breakers": [],
        "trips": 0,
    }
    assert not Pace().needs_watching


def test_entries_are_kept_for_less_than_an_hour():
    pace, kept = Pace(), []
    for time_ns in (10, 20, 10 + HOUR_NS, 19 + HOUR_NS, 20 + HOUR_NS):
        pace.note_entry("AAA", "buy", time_ns)
        kept.append(len(pace.entries))

    assert HOUR_NS == 3_600 * 10**9
    assert kept == [1, 2, 2, 3, 3]


def test_entries_are_counted_to_the_nanosecond():
    pace = Pace()
    for time_ns in (10, 20, 30):
        pace.note_entry("AAA", "buy", time_ns)
    times = (30, 9 + HOUR_NS, 10 + HOUR_NS, 30 + HOUR_NS)

    assert [pace.entries_within_hour(now_ns) for now_ns in times] == [3, 3, 2, 0]


def test_the_last_entry_of_each_kind_is_dated():
    pace = Pace()
    for symbol, side, time_ns in (("B", "buy", 1), ("A", "sell", 2), ("B", "buy", 3)):
        pace.note_entry(symbol, side, time_ns)

    assert pace.same == {"A sell": 2, "B buy": 3}


def test_losses_in_a_row_are_counted_until_a_gain():
    pace, seen = Pace(), []
    for time_ns, gain in enumerate(("-1", "-0.5", "0", "-2", "0.1", "0", "-3"), start=1):
        pace.note_closed(D(gain), time_ns)
        seen.append((pace.losing_run, pace.lost_ns))

    assert seen == [(1, 1), (2, 2), (2, 2), (3, 4), (0, 4), (0, 4), (1, 7)]


def test_rearming_takes_exactly_that_breaker_out_and_every_trip_still_counts():
    pace = Pace()
    for breaker, symbol in (("price", "AAA"), ("price", "BBB"), ("volume", "AAA")):
        pace.trip(record(breaker, symbol))
    pace.rearm("price", "AAA")
    pace.rearm("never", "AAA")

    assert list(pace.breakers) == [("price", "BBB"), ("volume", "AAA")]
    assert pace.trips == 3


def test_a_breaker_that_trips_again_is_dated_anew():
    pace = Pace()
    for since_ns in (5, 9):
        pace.trip(record(since_ns=since_ns))

    assert pace.breakers == {("price", "AAA"): record(since_ns=9)}


@pytest.mark.parametrize(("symbol", "left"), [(ACCOUNT, []), ("AAA", [1, 0])])
def test_the_accounts_answers_are_counted_afresh_after_its_breaker(symbol, left):
    pace = Pace()
    pace.answers += [1, 0]
    pace.rearm("rejects", symbol)

    assert list(pace.answers) == left


def test_a_tripped_breaker_or_a_rejection_needs_watching():
    tripped, rejected, accepted = Pace(), Pace(), Pace()
    tripped.trip(record())
    rejected.answers += [0, 1, 0]
    accepted.answers += [0, 0]

    found = [pace.needs_watching for pace in (tripped, rejected, accepted)]
    assert found == [True, True, False]


def test_only_so_many_answers_and_entries_are_kept():
    pace = Pace()
    for number in range(1_001):
        pace.answers.append(number % 2)
        pace.note_entry("AAA", "buy", number)

    assert (len(pace.answers), len(pace.entries)) == (20, 1_000)


def test_what_is_tripped_is_told_for_the_instrument_and_the_account_in_order():
    pace = Pace()
    for breaker, symbol in (("volume", "AAA"), ("loss", ACCOUNT), ("price", "BBB")):
        pace.trip(record(breaker, symbol))

    assert pace.sentences("AAA") == ("loss of the account: fell", "volume of AAA: fell")
    assert pace.sentences("CCC") == ("loss of the account: fell",)


def test_a_restored_pace_is_the_saved_one_and_goes_on_within_its_bounds():
    pace, copy = Pace(), Pace()
    for number in range(3):
        pace.note_entry(f"S{number}", "buy", number)
        pace.trip(record(symbol=f"S{number}"))
    pace.answers += [1, 0]
    pace.stopped_out["B"] = 4
    pace.stopped_out["A"] = 6
    pace.note_closed(D(-1), 8)
    copy.restore(json.loads(json.dumps(pace.state())))

    assert copy.state() == pace.state()
    assert copy.breakers == pace.breakers
    assert json.dumps(copy.state()["stopped_out"]) == '{"A": 6, "B": 4}'
    copy.answers += [0] * 99
    for number in range(1_001):
        copy.note_entry("AAA", "buy", number)
    assert (len(copy.answers), len(copy.entries)) == (20, 1_000)


def test_restoring_nothing_is_a_fresh_start():
    pace = Pace()
    pace.note_entry("AAA", "buy", 1)
    pace.trip(record())
    pace.note_closed(D(-1), 8)
    pace.answers.append(1)
    pace.stopped_out["B"] = 4
    pace.restore({})

    assert pace.state() == Pace().state()


def test_one_breaker_that_wants_entries_cancelled_is_enough_and_ends_with_it():
    pace = Pace()
    pace.trip(record("price", "AAA"))
    before = pace.is_reduce_only
    pace.trip(record("market", ACCOUNT, action=REDUCE_ONLY))
    during = pace.is_reduce_only
    pace.rearm("market", ACCOUNT)

    assert (before, during, pace.is_reduce_only) == (False, True, False)
