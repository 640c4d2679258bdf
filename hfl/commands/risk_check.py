"""The risk snapshot: the daemon's own when it answers.

Else the same from journal and board; labelled which, and how old.

Exit codes: 0, 4 journal. JSON: source ("daemon" or "journal"), age_s, level, latch_ids,
snapshot.
"""

import argparse
import sys

from hfl.commands.status import collect
from hfl.glance import Data, Glance
from hfl.verb import DONE, add_account, add_json
from hfl.whereabouts import Whereabouts, find
from hfl.words import span, write_json
from hfl_core.control import client

ANSWER_S = 1.0


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the common options."""
    del verb
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Ask the daemon, else read."""
    del verb
    home = find(arguments.home, arguments.account, arguments.mode)
    found = checked(home)
    if arguments.is_json:
        write_json(found)
    else:
        sys.stdout.write(text_of(found))
    return DONE


def checked(home: Whereabouts) -> Data:
    """Ask the daemon, else read. Raises JournalError when there is neither."""
    found = _from_daemon(home)
    if found is not None:
        return found
    with Glance.open(home.journal) as journal:
        return from_journal(journal, home)


def _from_daemon(home: Whereabouts) -> Data | None:
    request = {"verb": "risk_check", "request_id": client.request_id()}
    try:
        reply = client.call(home.paths.emergency_socket, request, timeout_s=ANSWER_S)
    except (OSError, ValueError):
        return None
    snapshot = reply.fields.get("snapshot")
    if not reply.is_ok or not isinstance(snapshot, dict):
        return None
    return {
        "source": "daemon",
        "age_s": reply.fields.get("age_s"),
        "level": reply.fields.get("level", ""),
        "latch_ids": reply.fields.get("latch_ids", []),
        "snapshot": snapshot,
    }


def from_journal(journal: Glance, home: Whereabouts) -> Data:
    """Return the same fields from what is on disk."""
    found = collect(journal, home)
    stops = found["stops"]
    level = (
        ""
        if not stops
        else "kill"
        if any(stop["level"] == "kill" for stop in stops)
        else "reduce_only"
    )
    return {
        "source": "journal",
        "age_s": found["journal"]["written_s_ago"],
        "level": level,
        "latch_ids": [stop["id"] for stop in stops],
        "snapshot": {
            "state": found["state"],
            "halt_reason": found["halt_reason"],
            **found["money"],
            "positions": {
                held["symbol"]: {
                    "quantity": held["quantity"],
                    "price": held["entry_price"],
                    "stop": held["stop_price"],
                }
                for held in found["positions"]
            },
            "orders": {
                o["client_id"]: [o["symbol"], o["purpose"], o["status"]] for o in found["orders"]
            },
            "stops": {stop["id"]: [stop["level"], stop["reason"]] for stop in stops},
            "halted_instruments": found["halted_instruments"],
            "limits": found["limits"],
        },
    }


def text_of(found: Data) -> str:
    """Return it for a person."""
    snapshot = found["snapshot"]
    age = "unknown" if found["age_s"] is None else span(int(float(found["age_s"]) * 1_000_000_000))
    said = (
        "the running daemon"
        if found["source"] == "daemon"
        else "journal and board (no daemon answered)"
    )
    halt = f" ({snapshot['halt_reason']})" if snapshot.get("halt_reason") else ""
    lines = [f"source     {said}, {age} old", f"state      {snapshot.get('state', '?')}{halt}"]
    lines.append(f"stops      {found['level'] or 'none'}")
    lines += [
        f"           {name}: {stop[0]} {stop[1]}"
        for name, stop in snapshot.get("stops", {}).items()
    ]
    for name in ("equity", "high_water_mark", "cash"):
        if name in snapshot:
            lines.append(f"{name.replace('_', ' '):<15} {snapshot[name]}")
    for symbol, held in snapshot.get("positions", {}).items():
        lines.append(
            f"position   {held['quantity']} {symbol} at {held['price']}, stop {held['stop']}"
        )
    lines.append(f"orders     {len(snapshot.get('orders', {}))} live")
    lines += [
        f"limit      {limit['limit']}: {limit['lost']} of {limit['allowed']} lost"
        for limit in snapshot.get("limits", [])
    ]
    return "\n".join(lines) + "\n"
