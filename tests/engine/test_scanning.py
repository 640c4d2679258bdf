"""One scan: what its row says is true, what repeats is told once, and each gate holds."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.bars import FLAG_GAP, FLAG_SPIKE, FLAG_STALE, FLAG_ZERO_VOLUME, Slot
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.orders import OrderStatus, Purpose, Side
from hfl_core.domain.reasons import (
    code_table,
)
from hfl_core.risk.gate import ORDER_SIZE
from tests.engine.kit import (
    HOUR,
    RULES,
    WISHES,
    D,
    Play,
    Puppet,
    command,
    instrument,
    kinds,
    limits,
    of_kind,
    row,
)

BOTH = (instrument("AAA"), instrument("BBB"))


# --- what the row says ----------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(sorted(WISHES)), st.sampled_from((0, 1))), max_size=25))
def test_the_digest_is_the_rolling_hash_of_the_code_bytes_and_counts_add_up(wishes):
    play = Play(instruments=BOTH, rules=RULES).start()
    table = code_table((*(rule.name for rule in RULES), ORDER_SIZE))
    digest = b""
    total = 0
    for wish, answer in wishes:
        before = bytes(play.core.outcomes)
        play.now += HOUR
        play.cursor += 1
        slot = (row(100, wish), row(100)) if answer else (row(100, wish),)
        result = play.engine.scan(Slot(play.now, slot, play.cursor))
        total += 2
        if result is None:
            assert bytes(play.core.outcomes)[: len(before)] == before
            continue
        codes = bytes(play.core.outcomes)
        digest = hashlib.sha256(digest + codes).digest()
        play.close()

        assert play.book.digest == digest.hex()
        assert dict(play.groups[-1].counts) == {
            table[code]: codes.count(code) for code in set(codes)
        }
        for order in list(play.book.live.values()):
            if order.status is OrderStatus.INTENDED:
                play.say(ev.SendRefused(client_id=order.client_id, check="x", detail=""))

    assert sum(play.codes().values()) == total == 2 * play.book.scans


def test_quiet_scans_leave_no_event_and_one_row_together():
    play = Play().start()
    rows_before = len(play.events)
    for _ in range(5):
        play.bar(100)
    play.close()

    assert kinds(play.events[rows_before:]) == ["ScansCoalesced"]
    group = play.groups[-1]
    assert (group.scans, group.counts) == (5, (("NO_SETUP", 5),))
    assert (group.cursor_from, group.cursor_to) == (0, 5)
    assert group.slot_last_ns - group.slot_first_ns == 4 * HOUR


def test_no_open_group_makes_no_row():
    assert Play().start().engine.close_group() is None


def test_another_input_before_the_group_is_closed_is_a_programming_error():
    play = Play().start()
    play.bar(100)
    with pytest.raises(AssertionError, match="open group"):
        play.engine.step(ev.TimePassed(due_ns=1), play.now)


def test_a_signal_carries_its_bar_features_and_blend():
    play = Play(strategy=Puppet(warm_up=2)).start()
    play.bar(100)
    play.bar(102, "long")
    (signal,) = of_kind(play.events, ev.SignalEmitted)

    assert (signal.decision, signal.direction, signal.setup) == (1, 1, "wants long")
    assert signal.bar == ("102.00", "102.10", "101.90", "102.00", "1.0")
    assert signal.features == (("sma(2)", "101.0"),)
    assert signal.weights == (("puppet", "1.0", "1.0"),)
    assert (signal.slot_ns, signal.numbers) == (play.now, (("close", "102.0"),))


def test_an_entry_is_sized_by_the_risk_budget_and_carries_its_stop():
    play = Play().start()
    play.bar(100, "long")
    order = play.only(Purpose.ENTRY)

    # 1 % of 10,000 is 100, and 2.00 are at risk a unit.
    assert (order.quantity, order.side, order.risk_stop_price) == (D(50), Side.BUY, D(98))
    assert order.reference_price == D(100)


def test_a_short_has_its_stop_above():
    play = Play().start()
    play.bar(100, "short")
    order = play.only(Purpose.ENTRY)

    assert (order.side, order.risk_stop_price) == (Side.SELL, D(102))


def test_a_stop_never_stands_below_one_tick():
    play = Play(strategy=Puppet(stop_distance=500.0)).start()
    play.bar(100, "long")

    assert play.only(Purpose.ENTRY).risk_stop_price == D("0.01")


def test_a_fixed_size_is_taken_as_it_is():
    play = Play(fixed_lots=7).start()
    play.bar(100, "long")

    assert play.only(Purpose.ENTRY).quantity == D(7)


def told_no() -> Play:
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    play.bar(100, "long")
    return play


def test_only_an_approved_order_becomes_an_effect():
    play = told_no()

    assert of_kind(play.effects, SubmitOrder) == []
    assert play.book.state == "idle"


# --- vetoes that repeat ---------------------------------------------------------------------------


def test_the_same_refusal_is_told_once_and_then_repeated_as_a_code():
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    for _ in range(4):
        play.bar(100, "long")

    assert play.codes() == {"RISK_TRADE_RISK": 1, "VETO_REPEATED": 3}
    assert len(of_kind(play.events, ev.RiskAssessed)) == 1


def test_a_scan_without_the_setup_in_between_makes_the_refusal_new():
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    for wish in ("long", "", "long", "flat", "long"):
        play.bar(100, wish)

    assert play.codes() == {"RISK_TRADE_RISK": 3, "NO_SETUP": 2}


def test_the_other_direction_is_another_refusal():
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    for wish in ("long", "short", "short"):
        play.bar(100, wish)

    assert play.codes() == {"RISK_TRADE_RISK": 2, "VETO_REPEATED": 1}


def test_a_further_reason_makes_the_refusal_new():
    """The same first rule refuses, and now a second one does, too."""
    pair = (instrument("AAA", currency="EUR"), instrument("BBB"))
    play = Play(rules=RULES, instruments=pair, bounds=limits(positions_max=1)).start()
    for wish in ("", "long", ""):
        play.slot(row(100, "long"), row(100, wish, index=1))
        for entry in play.live(Purpose.ENTRY, "BBB"):
            play.accept(entry)
            play.fill(entry)
            play.accept(play.only(Purpose.PROTECTION, "BBB"))

    refused = [e for e in of_kind(play.events, ev.RiskAssessed) if e.symbol == "AAA"]
    assert [event.reason for event in refused] == ["RISK_CURRENCY", "RISK_CURRENCY"]
    assert play.codes()["VETO_REPEATED"] == 1


def test_each_instrument_has_its_own_refusal():
    play = Play(rules=RULES, instruments=BOTH, strategy=Puppet(stop_distance=0.0)).start()
    play.slot(row(100, "long"), row(100, index=1))
    play.slot(row(100, "long"), row(100, "long", index=1))

    assert play.codes() == {"RISK_TRADE_RISK": 2, "NO_SETUP": 1, "VETO_REPEATED": 1}


# --- gates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", [FLAG_GAP, FLAG_ZERO_VOLUME, FLAG_STALE, FLAG_SPIKE])
def test_a_flagged_bar_allows_no_entry_but_an_exit(flag: int):
    play = Play().start()
    play.bar(100, "long", flags=flag)
    play.open_long()
    play.bar(101, "flat", flags=flag)

    assert play.codes() == {"BAR_FLAGGED": 1, "ENTRY_INTENDED": 1, "EXIT_INTENDED": 1}


def test_the_opposite_stance_closes_first():
    play = Play().start()
    play.open_long()
    play.bar(101, "short")

    assert play.codes() == {"ENTRY_INTENDED": 1, "EXIT_INTENDED": 1}
    assert play.position().exit_reason == "signal: wants short"


def test_a_pause_lets_exits_go_on():
    play = Play().start()
    play.open_long()
    play.say(command("pause"))
    play.bar(101, "flat")

    assert play.codes()["EXIT_INTENDED"] == 1


def test_bars_are_folded_while_halted():
    play = Play(strategy=Puppet(warm_up=2)).start()
    play.say(command("kill"))
    play.bar(100)
    play.bar(101)

    assert play.core.decider.lanes[0].is_ready
    assert play.codes() == {"HALTED": 2}


def test_one_scan_decides_for_all_instruments():
    play = Play(instruments=BOTH).start()
    events = play.slot(row(100, "long"), row(100, "short", index=1))

    assert [order.symbol for order in play.book.live.values()] == ["AAA", "BBB"]
    assert [event.trigger for event in of_kind(events, ev.Transitioned)] == [
        "open_slot",
        "find_setup",
        "assess",
        "execute",
    ]
