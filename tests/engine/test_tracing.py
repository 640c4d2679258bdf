"""Tracing: a slot decided once more tells the numbers that were decided by."""

from hfl_core.domain import events as ev
from hfl_core.domain.bars import Slot
from hfl_core.engine.step import Engine
from hfl_core.engine.tracing import Trace, trace_slot
from hfl_core.features.catalogue import make
from tests.engine.kit import HOUR, RULES, Play, Puppet, instrument, of_kind, row


def traced(play: Play, *bars, symbol: str = "AAA") -> Trace:
    """Return the trace of the next slot, decided by a copy."""
    play.close()
    copy = Engine(play.core.settings, make)
    copy.restore(play.engine.state())
    return trace_slot(copy, Slot(play.now + HOUR, bars, play.cursor + 1), symbol)


def test_a_quiet_scan_tells_its_gate_and_features():
    play = Play(strategy=Puppet(warm_up=2)).start()
    play.bar(100)
    trace = traced(play, row(102))

    assert (trace.code, trace.gate, trace.state) == ("NO_SETUP", "scan", "idle")
    assert trace.features == (("sma(2)", 101.0),)
    assert (trace.candidate, trace.events) == (None, ())


def test_an_entry_is_traced_with_the_very_numbers_it_was_decided_by():
    """Afterwards the new order counts as exposure; the trace must not judge the entry by itself."""
    play = Play(rules=RULES).start()
    play.bar(100)
    trace = traced(play, row(100, "long"))
    (assessed,) = of_kind(list(trace.events), ev.RiskAssessed)

    assert trace.code == "ENTRY_INTENDED"
    assert (trace.rules, trace.sizing) == (assessed.rules, assessed.sizing)


def test_a_repeated_refusal_is_traced_with_its_rules():
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    play.bar(100, "long")
    trace = traced(play, row(100, "long"))

    assert trace.code == "VETO_REPEATED"
    assert [v.rule for v in trace.rules if v.outcome == "refuse"] == ["trade_risk", "order_size"]


def test_a_missing_bar_has_no_view():
    play = Play(instruments=(instrument("AAA"), instrument("BBB"))).start()
    play.slot(row(100), row(100, index=1))
    trace = traced(play, row(100, "long", index=1))

    assert (trace.code, trace.view, trace.features, trace.flags) == ("NO_DATA", None, (), ())


def test_another_instrument_has_its_own_trace():
    play = Play(instruments=(instrument("AAA"), instrument("BBB"))).start()
    play.slot(row(100), row(100, index=1))
    trace = traced(play, row(100, "long"), row(100, index=1), symbol="BBB")

    assert (trace.code, trace.symbol) == ("NO_SETUP", "BBB")
    assert of_kind(list(trace.events), ev.SignalEmitted) == []
