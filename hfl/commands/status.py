"""What the bot is doing: state, stops and how to lift them, positions, orders, limits.

The last scan, the journal.

Answers from journal and board, with or without a daemon, and says how old each is. Exit codes:
0, 4 journal.
"""

import argparse
import json
import sys
import time
from decimal import Decimal

from hfl.board import read_board
from hfl.commands.listing import order_record, position_record
from hfl.glance import Data, Glance, Row
from hfl.limits import held_limits
from hfl.trades import ZERO, Ledger, at_end
from hfl.verb import DONE, add_account, add_json
from hfl.whereabouts import Whereabouts, find
from hfl.words import SECOND_NS, instant, plain, span, write_json
from hfl_core.control import lock

INTERVAL_S = 1.0
# What each loss limit compares equity with.
BASES = (
    ("day", "daily_loss"),
    ("week", "weekly_loss"),
    ("month", "monthly_loss"),
    ("high_water_mark", "drawdown"),
)
# Figures for a person; --json has every digit.
MONEY_PLACES = 2


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add --watch."""
    del verb
    parser.add_argument("--watch", action="store_true", help="again every second, until Ctrl-C")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Print once, or again and again."""
    del verb
    home = find(arguments.home, arguments.account, arguments.mode)
    while True:
        with Glance.open(home.journal) as journal:
            found = collect(journal, home)
        if arguments.is_json:
            write_json(found)
        else:
            clear = "\x1b[2J\x1b[H" if arguments.watch and sys.stdout.isatty() else ""
            sys.stdout.write(clear + text_of(found))
        sys.stdout.flush()
        if not arguments.watch:
            return DONE
        time.sleep(INTERVAL_S)


def collect(journal: Glance, home: Whereabouts) -> Data:
    """Return everything the verb shows as plain values."""
    now_ns = time.time_ns()  # noqa: TID251 - an age for a person, MachineClock is too dear
    ledger, _ = at_end(journal)
    last = journal.last_seq()
    newest = journal.row(last)
    run = journal.newest("RunStarted")
    ended = journal.newest("RunEnded")
    moved = journal.newest("Transitioned")
    scans = journal.newest("ScansCoalesced")
    board = read_board(home.board_file)
    # The lock, not the process id: a number may live on in another process, or as a zombie.
    held = lock.holder(home.paths.lock_file(home.mode, home.account))
    is_running = held is not None
    age_s = None if board is None else round((now_ns - board["wall_ns"]) / SECOND_NS, 1)
    marks = {} if board is None else board["marks"]
    state = "new" if moved is None else moved.data["target"]
    figures = figures_of(scans, board, "" if run is None else run.run_id)
    return {
        "account": home.account,
        "mode": home.mode,
        "daemon": {
            "running": is_running,
            "pid": held.pid if held is not None else None,
            "board_age_s": age_s,
        },
        "run": "" if run is None else run.run_id,
        "run_ended": ended.data["reason"]
        if ended is not None and run is not None and ended.seq > run.seq
        else None,
        "state": state,
        "halt_reason": moved.data["reason"] if moved is not None and state == "halted" else "",
        "stops": [_stop(stop) for stop in ledger.stops.values()],
        "resume_command": resume_command(ledger),
        "halted_instruments": ledger.halted,
        "positions": [
            position_record(
                trade,
                mark=Decimal(marks[trade.symbol]) if trade.symbol in marks else None,
                age_s=age_s if trade.symbol in marks else None,
            )
            for trade in ledger.positions.values()
        ],
        "orders": [order_record(order) for order in ledger.live()],
        "unknown_orders": sum(1 for order in ledger.live() if order.status == "unknown"),
        "money": _money(ledger, figures),
        "last_scan": None
        if scans is None
        else {
            "time": instant(scans.data["slot_last_ns"]),
            "row": scans.seq,
            "written_s_ago": round((now_ns - scans.wall_ns) / SECOND_NS, 1),
        },
        "limits": [] if run is None else _limits(journal, run.data, figures),
        "journal": {
            "rows": last,
            "anchored": _anchored(home),
            "written_s_ago": None
            if newest is None
            else round((now_ns - newest.wall_ns) / SECOND_NS, 1),
        },
    }


def resume_command(ledger: Ledger) -> str:
    """Return the command that lifts what is in force, or nothing."""
    return 'hfl resume --type RESUME --reason "WHY IT IS SAFE"' if ledger.stops else ""


def _stop(stop: Data) -> Data:
    told = {name: stop[name] for name in ("id", "level", "reason", "actor", "limit")}
    return {**told, "since": instant(stop["since_ns"]), "until": instant(stop["period_end_ns"])}


def figures_of(scans: Row | None, board: Data | None, run_id: str) -> Data:
    """Return equity, its high-water mark and the periods' starts, with the time they are of.

    The board's, where it is of this run and not older than the last row of scans; else that row's.
    """
    rows = 0 if scans is None else scans.seq
    is_newer = board is not None and board["run"] == run_id and board["seq"] >= rows
    if board is not None and is_newer and board.get("money"):
        return {**board["money"], "time_ns": board["time_ns"]}
    if scans is None:
        return {}
    return {
        "equity": scans.data["equity"],
        "high_water_mark": scans.data["high_water_mark"],
        **dict(scans.data["anchors"]),
        "time_ns": scans.data["slot_last_ns"],
    }


def _money(ledger: Ledger, figures: Data) -> Data:
    found: Data = {
        "cash": plain(ledger.cash, 8),
        "fees": plain(ledger.fees, 8),
        "trades": ledger.count,
    }
    if figures:
        found |= {name: figures[name] for name in ("equity", "high_water_mark")}
        found["as_of"] = instant(figures["time_ns"])
    return found


def _limits(journal: Glance, run: Data, figures: Data) -> list[Data]:
    """Return how much of each loss limit is used."""
    if not figures or not run.get("plan_blob"):
        return []
    limits = held_limits(journal).texts
    equity = Decimal(figures["equity"])
    bases = [
        (limit, Decimal(figures.get(base, 0)), Decimal(limits[f"{limit}_fraction_max"]))
        for base, limit in BASES
    ]
    found = []
    for name, base, fraction in bases:
        lost = max(base - equity, ZERO)
        allowed = base * fraction
        used = lost / allowed if allowed else ZERO
        found.append(
            {
                "limit": name,
                "used": plain(used, 4),
                "lost": plain(lost, 8),
                "allowed": plain(allowed, 8),
            }
        )
    return found


def _anchored(home: Whereabouts) -> int | None:
    try:
        with open(home.paths.head_file(home.mode, home.account), "rb") as file:  # noqa: PTH123 - paths are text
            seq = json.loads(file.read(4096))["seq"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seq if isinstance(seq, int) else None


# --- as text --------------------------------------------------------------------------------------


def text_of(found: Data) -> str:
    """Return the status as text for a person."""
    daemon, journal = found["daemon"], found["journal"]
    if daemon["running"]:
        who = f"running, process {daemon['pid']}, board {_age(daemon['board_age_s'])} old"
    else:
        said = (
            f"run {found['run']} ended: {found['run_ended']}"
            if found["run_ended"]
            else "the last run did not end in order"
        )
        who = (
            f"no daemon ({said if found['run'] else 'never started'}); "
            f"journal {_age(journal['written_s_ago'])} old"
        )
    state = found["state"] + (f" ({found['halt_reason']})" if found["halt_reason"] else "")
    lines = [f"{found['mode']}-{found['account']}: {who}", f"state      {state}"]
    for stop in found["stops"]:
        until = f", until {stop['until']}" if stop["limit"] else ""
        lines.append(
            f"STOP       {stop['level']} {stop['id']}: {stop['reason']} (by "
            f"{stop['actor']}, since {stop['since']}{until})"
        )
    if found["resume_command"]:
        lines.append(f"           lift with: {found['resume_command']}")
    lines += [f"HALTED     {symbol}: {why}" for symbol, why in found["halted_instruments"].items()]
    money = found["money"]
    if "equity" in money:
        equity, mark, cash = (
            _rounded(money[name]) for name in ("equity", "high_water_mark", "cash")
        )
        lines.append(f"equity     {equity}, high-water mark {mark}, cash {cash}")
        lines.append(f"as of      {money['as_of']}")
    lines += [_position_line(held) for held in found["positions"]] or ["positions  none"]
    unknown = f", {found['unknown_orders']} UNKNOWN" if found["unknown_orders"] else ""
    lines.append(f"orders     {len(found['orders'])} live{unknown}")
    lines += [
        (
            f"           {order['purpose']} {order['side']} {order['quantity']} "
            f"{order['symbol']} {order['status']} {order['client_id']}"
        )
        for order in found["orders"]
    ]
    used = "  ".join(f"{limit['limit']} {Decimal(limit['used']):.0%}" for limit in found["limits"])
    lines.append(f"limits     {used or 'no scan yet'}")
    scan = found["last_scan"]
    lines.append(
        "last scan  none"
        if scan is None
        else f"last scan  {scan['time']}, written {_age(scan['written_s_ago'])} ago"
    )
    anchored = journal["anchored"]
    ahead = (
        "no head" if anchored is None else f"{max(journal['rows'] - anchored, 0)} not yet anchored"
    )
    lines.append(f"journal    {journal['rows']:,} rows, {ahead}")
    return "\n".join(lines) + "\n"


def _position_line(held: Data) -> str:
    mark = (
        "no mark"
        if held["mark"] is None
        else (
            f"mark {held['mark']} ({_age(held['mark_age_s'])} old), "
            f"unrealised {_rounded(held['unrealised'])}"
        )
    )
    return (
        f"position   {held['side']} {held['quantity']} {held['symbol']} at "
        f"{held['entry_price']}, stop {held['stop_price']}\n           {mark}"
    )


def _rounded(amount: str) -> str:
    return f"{Decimal(amount):,.{MONEY_PLACES}f}"


def _age(seconds: float | None) -> str:
    return "?" if seconds is None else span(int(max(seconds, 0.0) * SECOND_NS))
