"""What `hfl risk` shows, read from journal and board, with or without a daemon."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hfl import envelope
from hfl.board import read_board
from hfl.commands.status import figures_of
from hfl.envelope import ACTIONS, HALTS, Account, Gauge, Held, held_of
from hfl.glance import Data, Glance
from hfl.limits import HeldLimits, held_limits
from hfl.trades import Ledger, at_end
from hfl.whereabouts import Whereabouts
from hfl.words import SECOND_NS, instant, plain
from hfl_core.control import lock

DIGITS: Final = 8
HOUR_NS: Final = 3_600 * SECOND_NS
# The rules' last words are looked for in so many assessments at most.
ASSESSMENTS_MAX: Final = 400
NO_RUN: Final = "expected at least one run in the journal, found none: start the bot with `hfl run`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the report is made of. figures: empty before the first bar."""

    limits: HeldLimits
    figures: Data
    held: tuple[Held, ...]
    unmarked: tuple[str, ...]
    watched: tuple[str, ...]
    ledger: Ledger

    @property
    def account(self) -> Account:
        """Return equity, high-water mark and the periods' starts."""
        found = self.figures
        return Account(
            equity=Decimal(found["equity"]),
            high_water_mark=Decimal(found["high_water_mark"]),
            starts={name: Decimal(found.get(name, 0)) for name in envelope.PERIODS.values()},
        )


def collect(journal: Glance, home: Whereabouts) -> Data:
    """Return everything the verb shows as plain values."""
    now_ns = time.time_ns()  # noqa: TID251 - an age for a person, MachineClock is too dear
    board = read_board(home.board_file)
    facts = _facts(journal, board)
    newest = journal.row(journal.last_seq())
    is_board = board is not None and bool(board.get("money")) and bool(facts.figures)
    said_ns = board["wall_ns"] if is_board and board is not None else 0
    if not said_ns and newest is not None:
        said_ns = newest.wall_ns
    state = journal.newest("Transitioned")
    report: Data = {
        "account": home.account,
        "mode": home.mode,
        "daemon_running": lock.holder(home.paths.lock_file(home.mode, home.account)) is not None,
        "source": "board" if is_board else "journal",
        "age_s": round((now_ns - said_ns) / SECOND_NS, 1) if said_ns else None,
        "as_of": instant(facts.figures["time_ns"]) if facts.figures else None,
        "state": "new" if state is None else state.data["target"],
        "profile": facts.limits.texts.get("profile", ""),
        "stops": [_stop(stop, facts) for stop in facts.ledger.stops.values()],
        "breakers": breakers(journal),
        "halted_instruments": facts.ledger.halted,
        "waiting_limits": [
            {
                "limit": name,
                "now": facts.limits.texts.get(name, ""),
                "then": new,
                "from": instant(due_ns),
            }
            for name, (new, due_ns) in sorted(facts.limits.waiting.items())
        ],
        "last_checks": last_checks(journal),
    }
    return report | (_gauged(journal, facts) if facts.figures else {"equity": None})


def _facts(journal: Glance, board: Data | None) -> Facts:
    from hfl_core.domain.errors import JournalError

    run = journal.newest("RunStarted")
    if run is None:
        raise JournalError(NO_RUN)
    figures = figures_of(journal.newest("ScansCoalesced"), board, run.run_id)
    marks = {} if board is None or board["run"] != run.run_id else board["marks"]
    ledger, _ = at_end(journal)
    terms = _terms(journal, run.data)
    held = _held(ledger, marks, terms)
    return Facts(
        limits=held_limits(journal),
        figures=figures,
        held=held,
        unmarked=tuple(one.symbol for one in held if not one.way and one.symbol not in marks),
        ledger=ledger,
        watched=tuple(terms),
    )


def _terms(journal: Glance, run: Data) -> dict[str, Data]:
    """Return the terms of every watched instrument, as the run recorded them."""
    if not run.get("plan_blob"):
        return {}
    watches = json.loads(journal.blob(run["plan_blob"]))["watches"]
    return {watch["instrument"]["symbol"]: watch["instrument"] for watch in watches}


def _held(ledger: Ledger, marks: Mapping[str, str], terms: Mapping[str, Data]) -> tuple[Held, ...]:
    """Return every position, and every entry on its way as if it were filled."""
    found = [
        held_of(
            trade.symbol,
            terms,
            quantity=trade.quantity,
            entry=trade.price,
            mark=Decimal(marks.get(trade.symbol, trade.price)),
            stop=trade.stop_price,
        )
        for trade in ledger.positions.values()
    ]
    for order in ledger.live():
        data = order.data
        if data["purpose"] != "entry":
            continue
        left = Decimal(data["quantity"]) - order.filled
        price, stop = Decimal(data["reference_price"]), data["risk_stop_price"]
        found.append(
            held_of(
                data["symbol"],
                terms,
                quantity=left if data["side"] == "buy" else -left,
                entry=price,
                mark=price,
                stop=None if stop is None else Decimal(stop),
                way=order.status,
            )
        )
    return tuple(found)


def _gauged(journal: Glance, facts: Facts) -> Data:
    account, limits, held = facts.account, facts.limits, facts.held
    gauges = [*envelope.losses(account, limits), *envelope.exposures(account, limits, held)]
    gauges.append(_order_rate(journal, facts))
    gauges.extend(_market(journal, facts))
    hit = envelope.if_stops_hit(account, limits, held)
    return {
        "equity": plain(account.equity, DIGITS),
        "day_start": plain(account.starts["day"], DIGITS),
        "time_ns": facts.figures["time_ns"],
        "high_water_mark": plain(account.high_water_mark, DIGITS),
        "gauges": [_gauge(one) for one in gauges],
        "positions": [_position(one, facts) for one in held],
        "if_every_stop_is_hit": {
            "loss": plain(hit.loss, DIGITS),
            "fraction": plain(hit.fraction, 6),
            "equity": plain(hit.equity, DIGITS),
            "halts": list(hit.trips),
            "without_stop": list(hit.unstopped),
        },
        "distances": [
            {
                "halt": one.halt,
                "left": plain(one.left, DIGITS),
                "together": _fraction(one.together),
                "alone": {symbol: _fraction(move) for symbol, move in one.alone.items()},
            }
            for one in envelope.distances(account, limits, held)
        ],
        "gap_scenario": {
            "loss": plain(envelope.gap_loss(limits, held), DIGITS),
            "positions": {
                one.symbol: {
                    "gap": plain(envelope.gap_fraction(limits, one)),
                    "loss": plain(abs(one.value) * envelope.gap_fraction(limits, one), DIGITS),
                }
                for one in held
            },
        },
    }


def _gauge(one: Gauge) -> Data:
    return {
        "limit": one.name,
        "now": plain(one.now, DIGITS),
        "limit_value": plain(one.limit, DIGITS),
        "unit": one.unit,
        "used": plain(one.used, 4),
        "left": plain(one.left, DIGITS),
        "action": envelope.HALT if one.action in HALTS else one.action,
        "at_the_limit": ACTIONS[one.action],
        "note": one.note,
    }


def _position(one: Held, facts: Facts) -> Data:
    distance = None if one.stop is None or not one.mark else (one.stop - one.mark) / one.mark
    equity = facts.account.equity
    return {
        "symbol": one.symbol,
        "status": one.way or "held",
        "quantity": plain(one.quantity),
        "entry": plain(one.entry, DIGITS),
        "mark": None if one.symbol in facts.unmarked else plain(one.mark, DIGITS),
        "value": plain(one.value, DIGITS),
        "stop": None if one.stop is None else plain(one.stop, DIGITS),
        "stop_distance": _fraction(distance),
        "risk": plain(one.risk, DIGITS),
        "risk_fraction": plain(one.risk / equity, 6) if equity > 0 else None,
    }


def _order_rate(journal: Glance, facts: Facts) -> Gauge:
    """Count the entries of the last hour of engine time."""
    since_ns = int(facts.figures["time_ns"]) - HOUR_NS
    most = int(facts.limits.texts.get("orders_per_hour_max", "0"))
    count, looked = 0, 0
    row = journal.newest("OrderIntended")
    while row is not None and row.time_ns > since_ns and looked <= 4 * most:
        looked += 1
        count += row.data["purpose"] == "entry"
        row = journal.newest("OrderIntended", row.seq)
    return Gauge(
        name="entries/hour",
        now=Decimal(count),
        limit=Decimal(most),
        unit=envelope.COUNT,
        action=envelope.REFUSE,
    )


def _market(journal: Glance, facts: Facts) -> list[Gauge]:
    """Count the watched instruments with a tripped breaker; none where too few are watched."""
    # What the rules are made of is not needed to list them: 40 ms to import.
    from hfl_core.risk.breakers import market

    watched = len(facts.watched)
    limit = facts.limits.number("breaker_market_fraction_max", "1")
    trips_at = market.trips_at(watched, float(limit))
    if trips_at > watched:
        return []
    broken = {one["symbol"] for one in breakers(journal)} & set(facts.watched)
    return [
        Gauge(
            name="markets tripped",
            now=Decimal(len(broken)),
            limit=Decimal(trips_at),
            unit=envelope.COUNT,
            action=envelope.REDUCE,
        )
    ]


def _stop(stop: Data, facts: Facts) -> Data:
    now_ns = int(facts.figures["time_ns"]) if facts.figures else 0
    is_halt = stop["limit"] in HALTS
    rearms = "you resume: hfl resume"
    if is_halt and stop["period_end_ns"] > now_ns:
        rearms = f"you resume after {instant(stop['period_end_ns'])}"
    return {
        "id": stop["id"],
        "level": stop["level"],
        "reason": stop["reason"],
        "actor": stop["actor"],
        "since": instant(stop["since_ns"]),
        "until": rearms,
    }


def breakers(journal: Glance) -> list[Data]:
    """Return every circuit breaker that is tripped, with when and what re-arms it."""
    tripped: dict[tuple[str, str], Data] = {}
    for row in journal.of(("BreakerTripped", "BreakerRearmed")):
        key = (row.data["breaker"], row.data["symbol"])
        if row.kind == "BreakerRearmed":
            tripped.pop(key, None)
            continue
        tripped[key] = {
            "breaker": row.data["breaker"],
            "symbol": row.data["symbol"],
            "action": row.data["action"],
            "reason": row.data["reason"],
            "since": instant(row.time_ns),
            "rearms": _rearms(row.data),
        }
    return [tripped[key] for key in sorted(tripped)]


def _rearms(tripped: Data) -> str:
    """Say what arms a tripped breaker again."""
    if tripped["until_ns"]:
        return instant(tripped["until_ns"])
    return "after enough calm bars" if tripped["symbol"] else "when few markets are tripped"


def last_checks(journal: Glance) -> list[Data]:
    """Return what each rule said when it was last asked, with when and of which instrument."""
    found: dict[str, Data] = {}
    row = journal.newest("RiskAssessed")
    looked = 0
    while row is not None and looked < ASSESSMENTS_MAX:
        looked += 1
        for verdict in row.data["rules"]:
            found.setdefault(
                verdict["rule"],
                {
                    **{
                        name: verdict[name]
                        for name in ("rule", "outcome", "value", "limit", "headroom", "unit")
                    },
                    "note": verdict["note"],
                    "symbol": row.data["symbol"],
                    "time": instant(row.time_ns),
                },
            )
        if found and looked >= len(found):
            break
        row = journal.newest("RiskAssessed", row.seq)
    return [found[name] for name in sorted(found)]


def _fraction(value: Decimal | None) -> str | None:
    return None if value is None else plain(value, 6)
