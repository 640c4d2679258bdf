"""A run that knows its regimes: entries that do not fit are told, and decided again alike."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.regimes import NAMES
from hfl_journal.reader import JournalReader
from tests.hfl.journals import make_journal


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Return a home with a run of two months of hours."""
    return make_journal(tmp_path_factory.mktemp("grown") / "home", bars=1_500)


@pytest.fixture
def events(grown):
    with JournalReader.open(grown.home.journal.journal) as reader:
        return [row.event for row in reader.rows(0, 100_000)]


def test_every_signal_names_the_regime_of_its_day_once_it_is_known(events):
    signals = [event for event in events if isinstance(event, ev.SignalEmitted)]
    known = [signal for signal in signals if signal.regime]

    assert {signal.regime for signal in known} <= set(NAMES)
    assert known
    for signal in known:
        assert f"The market's regime: {signal.regime}." in signal.rationale
    for signal in signals:
        if not signal.regime:
            assert "regime" not in signal.rationale


def test_no_entry_is_intended_in_a_regime_that_its_strategy_leaves_out(events):
    entries = {
        event.decision: event
        for event in events
        if isinstance(event, ev.OrderIntended) and event.purpose.value == "entry"
    }
    signals = [event for event in events if isinstance(event, ev.SignalEmitted)]
    entered = [(s.direction, s.regime) for s in signals if s.decision in entries and s.regime]

    assert entered
    for direction, regime in entered:
        assert regime in ({"bull", "sideways"} if direction > 0 else {"bear", "sideways", "crisis"})


def test_an_entry_that_does_not_fit_is_told_with_the_regime_and_the_ones_that_would(grown, hfl):
    """Look at the newest scans until one pair ended so: why decides each again."""
    with JournalReader.open(grown.home.journal.journal) as reader:
        groups = [
            row.event
            for row in reader.rows_of("ScansCoalesced")
            if isinstance(row.event, ev.ScansCoalesced) and "REGIME_UNFIT" in dict(row.event.counts)
        ]
    assert groups, "expected a market whose regime leaves an entry out"
    group = min(groups, key=lambda each: each.scans)
    at = datetime.fromtimestamp(group.slot_first_ns // 10**9, UTC)
    told = {}
    for _ in range(group.scans * 4):
        for symbol in ("SIM-BTC", "SIM-ETH", "SIM-EUR"):
            code, out, _ = hfl("why", symbol, at.isoformat(), "--json", "--home", str(grown.folder))
            assert code == 0
            told = json.loads(out)
            if told["code"] == "REGIME_UNFIT":
                break
        if told["code"] == "REGIME_UNFIT":
            break
        at += timedelta(hours=1)

    assert told["code"] == "REGIME_UNFIT"
    assert told["proof"] == {"digest_matches": True, "not_comparable": []}
    assert told["gate"] == "signal"
    assert told["regime"] in NAMES
    side = "long" if told["candidate"]["direction"] > 0 else "short"
    (sentence,) = told["circumstances"]
    assert sentence.startswith(f"the regime is {told['regime']}; it enters {side} in: ")
    assert told["regime"] not in sentence.partition(" in: ")[2].split(", ")


def test_the_whole_run_is_decided_again_without_a_difference(grown, hfl):
    code, out, _ = hfl("replay", "--verify", "--json", "--home", str(grown.folder))
    told = json.loads(out)

    assert code == 0
    assert (told["mismatches"], told["not_comparable"]) == (0, [])


def test_what_if_the_regimes_were_left_to_the_risk_rule_alone(grown, hfl):
    """With every regime allowed the strategy asks for more entries."""
    anywhere = "bull sideways bear crisis"
    code, out, _ = hfl(
        "whatif", "--json", "--home", str(grown.folder),
        "--set", f"strategy.parameters.long_in={anywhere}",
        "--set", f"strategy.parameters.short_in={anywhere}",
    )  # fmt: skip
    told = json.loads(out)

    assert code == 0
    assert not told["equal"]
    changed, recorded = told["modelled_changed_plan"], told["modelled_recorded_plan"]
    assert changed["decisions"] > recorded["decisions"]
