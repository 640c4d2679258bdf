"""Every reason code and every rule has a story that ends with it; none is left untold."""

from collections.abc import Callable

import pytest

from hfl_core.domain import events as ev
from hfl_core.domain.bars import FLAG_SPIKE
from hfl_core.domain.orders import Purpose
from hfl_core.domain.reasons import CORE_CODES, GATES, code_table, gate_of, meaning_of, risk_code
from hfl_core.risk.gate import ORDER_SIZE
from tests.engine.kit import (
    DAY,
    HOUR,
    RULES,
    D,
    Play,
    Puppet,
    command,
    instrument,
    limits,
    of_kind,
    position_report,
    report,
    resume,
    row,
)
from tests.engine.test_opinions import opinion
from tests.engine.test_regime_seen import regime_unfit

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
        regime_unfit,
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


def crash() -> Play:
    """The price falls by a fifth in one bar, and the strategy wants to buy."""
    play = Play(rules=RULES, bounds=limits(breaker_move_fraction_max=D("0.15"))).start()
    play.bar(100)
    play.bar(80, "long")
    return play


def twins() -> Play:
    """AAA is held; BBB has moved like it for a month."""
    bounds = limits(correlation_max=D("0.3"), daily_loss_fraction_max=D("0.5"))
    play = Play(instruments=BOTH, rules=RULES, bounds=bounds).start()
    for day in range(30):
        price = 100 + day % 3
        play.slot(row(price), row(price, index=1), after=DAY)
    play.slot(row(100, "long"), row(100, index=1))
    play.accept(play.only(Purpose.ENTRY))
    play.fill(play.only(Purpose.ENTRY), 10, 100)
    play.accept(play.only(Purpose.PROTECTION))
    play.slot(row(100), row(100, "long", index=1))
    return play


def one_bet_twice() -> Play:
    """AAA carries the whole risk of one trade; BBB belongs to the same group."""
    group = tuple(instrument(name, group="majors") for name in ("AAA", "BBB"))
    bounds = limits(risk_per_trade_fraction_max=D("0.01"))
    play = Play(instruments=group, rules=RULES, bounds=bounds).start()
    play.open_long(50)
    play.slot(row(100), row(100, "long", index=1))
    return play


def stale_mark() -> Play:
    """AAA is held and has had no bar for five days."""
    play = Play(instruments=BOTH, rules=RULES, bounds=limits(mark_age_hours_max=96)).start()
    play.open_long(10)
    play.slot(row(100, "long", index=1), after=5 * DAY)
    return play


def after_a_loss(**bounds: object) -> Play:
    """AAA's stop is hit with a loss, and the strategy wants to buy again at once."""
    play = Play(rules=RULES, bounds=limits(**bounds)).start()
    play.open_long()
    play.fill(play.only(Purpose.PROTECTION), None, 98)
    play.bar(100, "long")
    return play


def second_entry(**bounds: object) -> Play:
    """AAA is entered and left within minutes, and the strategy wants to buy again."""
    play = Play(rules=RULES, bounds=limits(**bounds)).start()
    play.open_long()
    play.fill(play.only(Purpose.PROTECTION), None, 102)
    play.bar(100, "long", after=HOUR // 60)
    return play


RISK_STORIES: dict[str, Callable[[], Play]] = {
    "bad_hours": lambda: refused_with(bounds=limits(bad_hours="stocks 01:00-01:01")),
    "bar_volume": lambda: refused_with(bounds=limits(bar_volume_fraction_max=D("0.5"))),
    "breakers": crash,
    "correlation": twins,
    "gap": lambda: refused_with(
        bounds=limits(gap_fraction_stocks=D(1), gap_loss_fraction_max=D("0.001"))
    ),
    "group_risk": one_bet_twice,
    "liquidity": lambda: refused_with(bounds=limits(traded_value_min=D(1))),
    "losing_run": lambda: after_a_loss(losing_trades_max=1, loss_pause_hours=24),
    "mark_age": stale_mark,
    "net_exposure": lambda: refused_with(bounds=limits(net_exposure_fraction_max=D("0.001"))),
    "order_rate": lambda: second_entry(orders_per_hour_max=1),
    "price_collar": lambda: refused_with(bounds=limits(price_collar_fraction=D("0.05"))),
    "regime": lambda: refused_with(bounds=limits(crisis_size_fraction=D(0), history_days_min=30)),
    "repeated_order": lambda: second_entry(repeat_pause_s=86_400),
    "sector": lambda: refused_with(bounds=limits(sector_fraction_max=D("0.2"))),
    "spread": lambda: refused_with(bounds=limits(spread_fraction_max=D("0.002"))),
    "stop_out": lambda: after_a_loss(stop_out_pause_hours=4),
    "volatility": lambda: refused_with(
        bounds=limits(volatility_ratio_max=D("1.5"), history_days_min=30)
    ),
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
