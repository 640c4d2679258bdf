"""`hfl risk report`: what it counts is what the journal holds, and its parts add up."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from hfl.daemon import RunOutcome
from hfl.reading import Standpoint
from hfl.summary import summarise
from hfl_core.domain import events as ev
from hfl_core.domain.verdicts import Outcome
from hfl_journal.reader import JournalReader
from tests.hfl.journals import make_journal

D = Decimal
# Sizes wide open, halts as they are: so the halts have work to do.
LOOSE = (
    "strategy.name=momentum",
    "strategy.parameters={stop_atr = 6}",
    "risk.limits.risk_per_trade_fraction=0.2",
    "risk.limits.risk_per_trade_fraction_max=0.2",
    "risk.limits.open_risk_fraction_max=0.9",
    "risk.limits.position_fraction_max=1",
    "risk.limits.order_notional_max_fraction=1",
    "risk.limits.gap_loss_fraction_max=0.9",
)


@pytest.fixture(scope="module")
def stressed(tmp_path_factory):
    """Return a home whose one run tripped limits of several kinds."""
    folder = tmp_path_factory.mktemp("stressed") / "home"
    return make_journal(folder, bars=700, settings=LOOSE)


@pytest.fixture
def events(stressed):
    with JournalReader.open(stressed.home.journal.journal) as reader:
        return [row.event for row in reader.rows(0, 100_000)]


@pytest.fixture
def told(stressed, hfl):
    code, out, err = hfl("risk", "report", "--home", str(stressed.folder), "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_every_trip_of_the_journal_is_told_with_its_value_and_limit(events, told):
    limits = [trip for trip in told["trips"] if trip["kind"] == "limit"]
    breakers = [trip for trip in told["trips"] if trip["kind"] == "breaker"]
    tripped = of(events, ev.LimitTripped)

    assert len({trip.limit for trip in tripped}) >= 2, "expected a journal with several limits"
    assert [(t["name"], D(t["value"]), D(t["limit"])) for t in limits] == [
        (trip.limit, round(trip.value, 8), round(trip.threshold, 8)) for trip in tripped
    ]
    assert [(t["name"], t["scope"], t["value"]) for t in breakers] == [
        (b.breaker, b.symbol or "account", b.value) for b in of(events, ev.BreakerTripped)
    ]


def test_a_limit_counts_as_ended_when_its_own_stop_was_lifted(events, told):
    lifted = {latch for event in of(events, ev.Resumed) for latch in event.latch_ids}
    latches = [trip.latch_id for trip in of(events, ev.LimitTripped)]
    ended = [trip["ended"] is not None for trip in told["trips"] if trip["kind"] == "limit"]

    assert ended == [latch in lifted for latch in latches]
    assert any(ended)


def test_what_went_beyond_a_limit_is_told_in_parts_that_add_up(told):
    limits = [trip for trip in told["trips"] if trip["kind"] == "limit"]

    for trip in limits:
        beyond = {name: D(value) for name, value in trip["beyond"].items()}
        parts = beyond["in_the_bar"] + beyond["to_stops"] + beyond["past_stops"]
        assert abs(parts - beyond["total"]) <= D("3e-8")
        assert D(trip["before"]) < D(trip["limit"]) <= D(trip["value"]) <= D(trip["worst"])
        assert min(beyond["in_the_bar"], beyond["to_stops"], beyond["past_stops"]) >= 0
        assert beyond["to_stops"] <= D(trip["open_risk"])


def test_the_worst_loss_is_no_smaller_than_any_that_tripped(told):
    worst = {one["limit"]: one for one in told["limits"]}

    for trip in told["trips"]:
        if trip["kind"] == "limit":
            share = D(trip["worst"]) / D(trip["base"])
            assert D(worst[trip["name"]]["worst_fraction"]) >= round(share, 6) - D("1e-6")
    assert told["reached_without_a_trip"] == []


def test_refusals_codes_and_entries_are_those_of_the_rows(events, told):
    refusals = Counter(
        verdict.rule
        for event in of(events, ev.RiskAssessed)
        for verdict in event.rules
        if verdict.outcome is Outcome.REFUSE
    )
    codes: Counter[str] = Counter()
    for row in of(events, ev.ScansCoalesced):
        codes.update(dict(row.counts))
    entries = [o for o in of(events, ev.OrderIntended) if o.purpose.value == "entry"]

    assert told["refusals"] == dict(refusals)
    assert told["codes"] == dict(codes)
    assert told["entries"] == len(entries) > 0
    assert told["entries_while_stopped"] == 0
    assert told["scans"] == sum(row.scans for row in of(events, ev.ScansCoalesced)) == 700
    assert 0 < told["scans_stopped"] < 700


def test_a_quiet_account_says_that_nothing_fired(tmp_path, hfl):
    made = make_journal(tmp_path / "h", bars=60)
    code, out, _ = hfl("risk", "report", "--home", str(made.folder))

    assert code == 0
    assert "no limit or breaker fired" in out


def test_one_run_alone_is_the_whole_of_a_journal_with_one_run(stressed, told, hfl):
    home = str(stressed.folder)
    code, out, _ = hfl("risk", "report", "--home", home, "--json", "--run", "run1")

    assert code == 0
    assert {**json.loads(out), "run": ""} == told
    assert hfl("risk", "report", "--home", home, "--run", "nine")[0] == 2


def test_a_person_reads_every_trip_in_a_hundred_and_ten_columns(stressed, told, hfl):
    code, out, _ = hfl("risk", "report", "--home", str(stressed.folder))
    lines = out.splitlines()

    assert code == 0
    assert max(map(len, lines)) <= 110
    for trip in told["trips"]:
        assert any(trip["name"] in line and trip["time"][:16] in line for line in lines)


def test_without_a_journal_it_says_so_in_a_sentence(tmp_path, hfl):
    code, _, err = hfl("risk", "report", "--home", str(tmp_path / "none"))

    assert code == 4
    assert err.startswith("hfl: expected the journal")


def test_the_share_spent_stopped_is_that_of_the_rows_between_stop_and_resume(
    stressed, events, told
):
    standing: set[str] = set()
    stopped = 0
    for event in events:
        if isinstance(event, ev.ScansCoalesced) and standing:
            stopped += event.scans
        elif isinstance(event, ev.LimitTripped | ev.StopLatched):
            standing.add(event.latch_id)
        elif isinstance(event, ev.Resumed):
            standing -= set(event.latch_ids)
    with JournalReader.open(stressed.home.journal.journal) as reader:
        standpoint = Standpoint(reader, stressed.home)
        engine = standpoint.folded(standpoint.segments[0], 1 << 62, "")
        outcome = RunOutcome(reason="end", seconds=1.0, scans=700)
        summary = summarise(engine, outcome, reader)

    assert told["scans_stopped"] == stopped
    assert (summary.scans, summary.scans_stopped) == (700, stopped)
    assert summary.stopped_share == stopped / 700
