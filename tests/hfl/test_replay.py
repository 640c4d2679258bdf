"""Replay: equal to the last event, or the first difference by name."""

import json

from hfl_core.strategies import trend
from hfl_journal.reader import JournalReader


def replay(hfl, folder):
    code, out, _ = hfl("replay", "--verify", "--home", str(folder), "--json")
    return code, json.loads(out)


def test_whole_journal_comes_out_the_same(made, hfl):
    code, told = replay(hfl, made.folder)

    with JournalReader.open(made.home.journal.journal) as reader:
        assert told["rows"] == reader.last().seq
        assert told["snapshots_compared"] == len(list(reader.rows_of("SnapshotTaken"))) > 2
    assert (code, told["mismatches"], told["first_difference"]) == (0, 0, None)
    assert told["pairs"] == 700 * 3


def test_same_hashes_and_another_decision_is_a_mismatch(made, hfl, monkeypatch):
    monkeypatch.setattr(trend.Strategy, "scan", lambda self, view: None)
    monkeypatch.setattr(trend.Strategy, "glance", lambda self, values, close, position: None)

    code, told = replay(hfl, made.folder)

    assert (code, told["mismatches"]) == (8, 1)
    assert told["first_difference"]["kind"] == "ScansCoalesced"


def test_other_code_is_not_comparable_and_no_mismatch(made, hfl, monkeypatch):
    monkeypatch.setattr(trend.Strategy, "scan", lambda self, view: None)
    monkeypatch.setattr(trend.Strategy, "glance", lambda self, values, close, position: None)
    monkeypatch.setattr("hfl.hashes._source_hash", lambda packages: "other")

    code, told = replay(hfl, made.folder)

    assert (code, told["mismatches"]) == (0, 0)
    assert "engine" in told["not_comparable"]
    assert told["first_difference"] is not None
