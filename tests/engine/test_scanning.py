"""One scan, one code an instrument: each code has its story, and what the row says is true."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain import events as ev
from hfl_core.domain.bars import FLAG_GAP, FLAG_SPIKE, FLAG_STALE, FLAG_ZERO_VOLUME, Slot
from hfl_core.domain.effects import SubmitOrder
from hfl_core.domain.orders import OrderStatus, Purpose, Side
from hfl_core.domain.reasons import (
    CORE_CODES,
    GATES,
    code_table,
    gate_of,
    meaning_of,
    risk_code,
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
    position_report,
    report,
    resume,
    row,
)
from tests.engine.test_opinions import opinion

BOTH = (instrument("AAA"), instrument("BBB"))


# --- a story for every core code: what happens, and the code that AAA's last scan ends with -------


def no_data() -> Play:
    play = Play(instruments=BOTH).start()
    play.slot(row(100, index=1))
    return play


def skipped_busy() -> Play:
    play = Play().start()
    play.bar(100, "long")
    play.attempt(play.only(Purpose.ENTRY))
    play.bar(100, "long")
    return play


def halted() -> Play:
    play = Play().start()
    play.say(command("kill"))
    play.bar(100, "long")
    return play


def warming_up() -> Play:
    play = Play(strategy=Puppet(warm_up=3)).start()
    play.bar(100, "long")
    return play


def bar_flagged() -> Play:
    play = Play().start()
    play.bar(100, "long", flags=FLAG_SPIKE)
    return play


def no_setup() -> Play:
    play = Play().start()
    play.bar(100, "flat")
    return play


def holding() -> Play:
    play = Play().start()
    play.open_long()
    play.bar(101, "long")
    return play


def order_pending() -> Play:
    play = Play().start()
    play.bar(100, "long")
    play.accept(play.only(Purpose.ENTRY))
    play.bar(101, "long")
    return play


def exit_pending() -> Play:
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    play.bar(101, "flat")
    return play


def unknown_freeze() -> Play:
    play = Play().start()
    play.bar(100, "long")
    order = play.only(Purpose.ENTRY)
    play.attempt(order)
    play.say(ev.OrderUnknown(client_id=order.client_id, why="timeout"))
    play.bar(101, "long")
    return play


def instrument_halted() -> Play:
    play = Play().start()
    play.say(report(positions=(position_report("AAA", 5),)))
    play.bar(100, "long")
    return play


def reduce_only() -> Play:
    play = Play().start()
    play.say(command("pause"))
    play.bar(100, "long")
    return play


def may_not_short() -> Play:
    play = Play(instruments=(instrument(may_short=False),)).start()
    play.bar(100, "short")
    return play


def signal_weak() -> Play:
    play = Play(strategy=Puppet(strength=0.09)).start()
    play.bar(100, "long")
    return play


def awaiting_opinions() -> Play:
    play = Play(desks=("market",)).start()
    play.bar(100, "long")
    return play


def opinion_veto() -> Play:
    play = awaiting_opinions()
    play.say(opinion(score="-1.0", confidence="0.5"))
    return play


def veto_repeated() -> Play:
    play = Play(rules=RULES, strategy=Puppet(stop_distance=0.0)).start()
    play.bar(100, "long")
    play.bar(101, "long")
    return play


def entry_intended() -> Play:
    play = Play().start()
    play.bar(100, "long")
    return play


def exit_intended() -> Play:
    play = Play().start()
    play.open_long()
    play.bar(101, "flat")
    return play


STORIES: dict[str, Callable[[], Play]] = {
    story.__name__.upper(): story
    for story in (
        no_data,
        skipped_busy,
        halted,
        warming_up,
        bar_flagged,
        no_setup,
        holding,
        order_pending,
        exit_pending,
        unknown_freeze,
        instrument_halted,
        reduce_only,
        may_not_short,
        signal_weak,
        awaiting_opinions,
        opinion_veto,
        veto_repeated,
        entry_intended,
        exit_intended,
    )
}


def last_code(play: Play) -> str:
    """Return what AAA's last scan ended with: after opinions the assessment says it."""
    assessed = of_kind(play.events, ev.RiskAssessed)
    if of_kind(play.events, ev.OpinionReceived):
        return str(assessed[-1].reason)
    ((code, _), *others) = play.groups[-1].counts if play.groups else ()
    return code if not others else next(c for c, _ in play.groups[-1].counts if c != "NO_SETUP")


@pytest.mark.parametrize("code", sorted(STORIES))
def test_every_core_code_has_its_story(code: str):
    play = STORIES[code]()
    play.close()

    assert last_code(play) == code


def test_no_core_code_is_without_a_story():
    assert set(STORIES) == set(CORE_CODES)


def test_codes_stand_in_the_order_of_the_gates():
    numbers = [GATES.index(gate) for gate, _ in CORE_CODES.values()]

    assert numbers == sorted(numbers)


def test_every_code_has_a_gate_and_words():
    for code in code_table(tuple(rule.name for rule in RULES)):
        assert gate_of(code) in GATES
        assert len(meaning_of(code)) > 10


# --- a story for every rule of the gate -----------------------------------------------------------


def refused_with(**changes) -> Play:
    play = Play(rules=RULES, **changes).start()
    play.bar(100, "long")
    return play


def loss_while_waiting(**bounds: str) -> Play:
    """AAA's stop fills far too low while BBB waits for an opinion: 500 of 10,000 are lost."""
    wide = dict.fromkeys(("daily_loss", "weekly_loss", "monthly_loss", "drawdown"), "0.5") | bounds
    play = Play(
        instruments=BOTH,
        rules=RULES,
        desks=("market",),
        bounds=limits(**{f"{name}_fraction_max": D(value) for name, value in wide.items()}),
    ).start()
    play.bar(100, "long")
    play.say(opinion())
    play.accept(play.only(Purpose.ENTRY))
    play.fill(play.only(Purpose.ENTRY), 50, 100)
    play.accept(play.only(Purpose.PROTECTION))
    play.slot(row(100), row(100, "long", index=1))
    play.fill(play.only(Purpose.PROTECTION), 50, 90)
    play.say(opinion("BBB"))
    return play


def second_bet() -> Play:
    play = Play(instruments=BOTH, rules=RULES, bounds=limits(positions_max=1)).start()
    play.open_long(10)
    play.slot(row(100), row(100, "long", index=1))
    return play


def old_price() -> Play:
    """The machine was killed while it waited; a human resumed an hour later."""
    play = Play(rules=RULES, desks=("market",)).start()
    play.bar(100, "long")
    play.say(command("kill", "k"))
    play.say(resume("k"), after_s=3_600)
    return play


RISK_STORIES: dict[str, Callable[[], Play]] = {
    "buying_power": lambda: refused_with(
        instruments=(instrument(lot=D(100)),),
        bounds=limits(
            position_fraction_max=D(10),
            gross_exposure_fraction_max=D(10),
            order_notional_max_fraction=D(10),
        ),
    ),
    "currency": lambda: refused_with(instruments=(instrument(currency="EUR"),)),
    "daily_loss": lambda: loss_while_waiting(daily_loss="0.05"),
    "drawdown": lambda: loss_while_waiting(drawdown="0.05"),
    "gross_exposure": lambda: refused_with(bounds=limits(gross_exposure_fraction_max=D("0.001"))),
    "monthly_loss": lambda: loss_while_waiting(monthly_loss="0.05"),
    "open_risk": lambda: refused_with(
        bounds=limits(open_risk_fraction_max=D("0.02")),
        strategy=Puppet(stop_distance=99.0),
        instruments=(instrument(lot=D(3)),),
    ),
    "order_notional": lambda: refused_with(bounds=limits(order_notional_max_fraction=D("0.001"))),
    "order_size": lambda: refused_with(instruments=(instrument(notional_min=D(6_000)),)),
    "position_cap": lambda: refused_with(bounds=limits(position_fraction_max=D("0.001"))),
    "positions_max": second_bet,
    "price_age": old_price,
    "trade_risk": lambda: refused_with(strategy=Puppet(stop_distance=0.0)),
    "weekly_loss": lambda: loss_while_waiting(weekly_loss="0.05"),
}


@pytest.mark.parametrize("rule", sorted(RISK_STORIES))
def test_every_rule_can_end_a_scan_with_its_code(rule: str):
    play = RISK_STORIES[rule]()
    assessed = of_kind(play.events, ev.RiskAssessed)[-1]

    assert (assessed.reason, assessed.allowed, assessed.quantity) == (risk_code(rule), False, D(0))
    assert [verdict.rule for verdict in assessed.rules] == [
        *sorted(r.name for r in RULES),
        ORDER_SIZE,
    ]


def test_no_rule_is_without_a_story():
    assert set(RISK_STORIES) == {*(rule.name for rule in RULES), ORDER_SIZE}


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
    play = entry_intended()
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


def test_only_an_approved_order_becomes_an_effect():
    play = refused_with(strategy=Puppet(stop_distance=0.0))

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
