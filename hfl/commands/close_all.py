"""Close every position with reduce-only orders, then stay paused; resume with `hfl resume`.

Entries are cancelled, what fills late is closed too, protective stops stay until an exit goes out.
A kill does not end it. Waits and shows what is still open. On recorded data a close fills at the
next bar.

Exit codes: 0 flat; 6 no daemon, refused, or not flat within the wait: then it is said what is open.
"""

import argparse
import json
import sys
import time
from typing import Final

from hfl.home import Home
from hfl.reading import find_home
from hfl.remote import await_outcome, command, snapshot
from hfl.standing import Standing, standing_of
from hfl.verb import CONTROL, DONE, add_account, add_json
from hfl_core.domain.errors import ConfigError, ControlError

WAIT_S: Final = 30.0
LOOK_S: Final = 0.2


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add why and how long to wait."""
    del verb
    parser.add_argument("--reason", default="", help="why, for the journal")
    parser.add_argument(
        "--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long to watch it close"
    )
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Close, watch, report."""
    del verb
    if not 0 <= arguments.wait < float("inf"):
        raise ConfigError(f"expected seconds to wait, found {arguments.wait}: correct --wait")
    home = find_home(arguments.home, arguments.account, arguments.mode)
    reason = arguments.reason or "hfl close-all was typed"
    sent = command(home, "close_all", reason=reason, arguments={})
    request_id = str(sent["request_id"])
    if not sent.get("queued", True):
        raise ControlError(f"new exposure is refused, but not closing: {sent.get('detail')}")
    outcome = await_outcome(home, request_id)
    if outcome.refused:
        raise ControlError(f"not closing: {outcome.refused}")
    standing = _watch(home, arguments.wait, is_quiet=arguments.is_json)
    is_flat = not standing.positions
    if arguments.is_json:
        result = {
            "request_id": request_id,
            "flat": is_flat,
            "state": standing.state,
            "positions": {symbol: held[0] for symbol, held in standing.positions.items()},
            "orders": standing.orders,
        }
        sys.stdout.write(json.dumps(result) + "\n")
    elif is_flat:
        sys.stdout.write("flat, and paused: lift it with `hfl resume`\n")
    else:
        sys.stdout.write(
            f"NOT FLAT YET after {arguments.wait:g} s: {_open(standing)}; the bot goes on closing "
            "and is paused: watch it with `hfl status`, or `hfl panic`\n"
        )
    return DONE if is_flat else CONTROL


def _watch(home: Home, wait_s: float, *, is_quiet: bool) -> Standing:
    """Say every change until nothing is held or time is over. Raises ControlError."""
    ends_s = time.monotonic() + wait_s
    said = ""
    while True:
        found = snapshot(home)
        if found is None:
            raise ControlError(
                "expected the daemon to go on closing, found it gone: the close-all is in the "
                "journal and goes on with the next `hfl run`; `hfl panic` needs no daemon"
            )
        standing = standing_of(found)
        text = _open(standing)
        if text != said and not is_quiet:
            said = text
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        if not standing.positions or time.monotonic() >= ends_s:
            return standing
        time.sleep(LOOK_S)


def _open(standing: Standing) -> str:
    if not standing.positions:
        return f"no position is open, {standing.orders} orders work"
    held = ", ".join(f"{symbol} {row[0]}" for symbol, row in standing.positions.items())
    return f"still open: {held}; {standing.orders} orders work"
