"""Why and why not, decided again and compared with what was recorded."""

import json
from datetime import UTC, datetime

import pytest

from hfl_core.domain import events as ev
from hfl_journal.reader import JournalReader


def why(hfl, folder, *words):
    code, out, err = hfl("why", *words, "--home", str(folder), "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_answers_for_every_signal_are_what_was_recorded(made, hfl):
    with JournalReader.open(made.home.journal.journal) as reader:
        rows = [row.event for row in reader.rows_of("SignalEmitted")]
    signals = [event for event in rows if isinstance(event, ev.SignalEmitted)]
    assert len(signals) > 10

    for signal in signals[:: len(signals) // 6]:
        told = why(hfl, made.folder, signal.symbol, _iso(signal.slot_ns))
        assert told["proof"] == {"digest_matches": True, "not_comparable": []}
        assert told["code"] in {"ENTRY_INTENDED", "EXIT_INTENDED"} or told["gate"] == "risk"
        assert {n: str(v) for n, v in told["features"].items()} == dict(signal.features)


def _iso(time_ns):
    return datetime.fromtimestamp(time_ns // 10**9, UTC).isoformat()


def test_newest_scan_is_the_answer_without_a_time(made, hfl):
    with JournalReader.open(made.home.journal.journal) as reader:
        last = list(reader.rows_of("ScansCoalesced"))[-1].event
    assert isinstance(last, ev.ScansCoalesced)

    told = why(hfl, made.folder, "SIM-BTC")

    assert told["slot"].replace(" ", "T") == _iso(last.slot_last_ns).replace("+00:00", "Z")


def test_missing_bar_says_since_when(made, hfl):
    """Forex sleeps over the weekend: 2024-01-06 was a Saturday."""
    told = why(hfl, made.folder, "SIM-EUR", "2024-01-06T12:00Z")

    assert told["code"] == "NO_DATA"
    assert "last accepted bar closed 2024-01-0" in told["circumstances"][0]


def test_audit_counts_every_pair_and_matches_every_sample(made, hfl):
    code, out, _ = hfl("why", "--audit", "120", "--home", str(made.folder), "--json")

    told = json.loads(out)
    assert code == 0
    assert told["pairs"] == told["coded"] == sum(told["counts"].values()) == 700 * 3
    assert (told["sampled"], told["matching"], told["differences"]) == (120, 120, [])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["NOPE"], 7, "expected an instrument out of SIM-BTC"),
        (["SIM-BTC", "1999-01-01"], 7, "where the scans begin"),
        (["SIM-BTC", "noon"], 2, "expected a time such as"),
        ([], 2, "expected an instrument, found none"),
        (["--audit", "0"], 2, "expected --audit of at least 1"),
    ],
)
def test_bad_questions_are_one_sentence(made, hfl, words, code, said):
    found, out, err = hfl("why", *words, "--home", str(made.folder))

    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_other_code_is_named_and_the_answer_given_all_the_same(made, hfl, monkeypatch):
    """A changed strategy: its hash differs and it decides differently."""
    from hfl_core.strategies import trend

    monkeypatch.setattr(trend.Strategy, "scan", lambda self, view: None)
    monkeypatch.setattr(trend.Strategy, "glance", lambda self, values, close, position: None)
    monkeypatch.setattr("hfl.hashes._source_hash", lambda packages: "other")
    told = why(hfl, made.folder, "SIM-BTC", "2024-01-20T12:00Z")

    assert told["proof"]["digest_matches"] is False
    assert "engine" in told["proof"]["not_comparable"]
    assert told["code"] in {"NO_SETUP", "HOLDING"}
