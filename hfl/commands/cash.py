"""Deposit or withdraw cash of the paper account; limits follow it, profit does not.

Exit codes: 0 moved; 2 not an amount; 5 the venue did not do it or did not answer; 6 no daemon, or
refused.
"""

import argparse
import json
import sys
from typing import Final

from hfl.home import Home
from hfl.reading import find_home
from hfl.remote import await_outcome, command, poll, snapshot
from hfl.verb import DONE, add_account, add_json
from hfl_core.domain import events as ev
from hfl_core.domain.errors import BrokerError, ConfigError, ControlError, Reached
from hfl_core.domain.money import exact, plain
from hfl_journal.reader import JournalReader

WAIT_S: Final = 20.0
AMOUNT_MAX: Final = 10**12
VERBS: Final = {"deposit": "deposited", "withdraw": "withdrew"}


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add what and how much."""
    del verb
    parser.add_argument("what", choices=tuple(VERBS))
    parser.add_argument("amount", help="in the account's currency, above zero")
    parser.add_argument("--reason", default="", help="why, for the journal")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Move cash and wait for the venue's word."""
    del verb
    amount = _amount(arguments.amount)
    home = find_home(arguments.home, arguments.account, arguments.mode)
    reason = arguments.reason or f"hfl cash {arguments.what} was typed"
    sent = command(home, arguments.what, reason=reason, arguments={"amount": amount})
    request_id = str(sent["request_id"])
    outcome = await_outcome(home, request_id)
    if outcome.refused:
        raise ControlError(f"not moved: {outcome.refused}")
    _await_moved(home, request_id)
    found = snapshot(home) or {}
    cash = str(found.get("cash", ""))
    if arguments.is_json:
        result = {"request_id": request_id, arguments.what: amount, "cash": cash}
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        sys.stdout.write(f"{VERBS[arguments.what]} {amount}; cash is {cash}\n")
    return DONE


def _amount(text: str) -> str:
    try:
        amount = exact(text)
    except ValueError:
        amount = exact("0")
    if not 0 < amount <= AMOUNT_MAX:
        raise ConfigError(
            f"expected an amount above zero and at most {AMOUNT_MAX}, found {text[:40]!r}: type it "
            "like 250.50"
        )
    return plain(amount)


def _await_moved(home: Home, request_id: str) -> None:
    """Return when the venue has moved the cash. Raises BrokerError when it did not."""
    with JournalReader.open(home.journal.journal) as reader:

        def look() -> str | None:
            if any(isinstance(row.event, ev.CashMoved) for row in reader.rows_about(request_id)):
                return ""
            for row in reader.rows_of("Degraded"):
                event = row.event
                if isinstance(event, ev.Degraded) and event.detail.startswith(request_id):
                    return event.detail.removeprefix(f"{request_id}: ")
            return None

        trouble = poll(look, timeout_s=WAIT_S)
    if trouble != "":
        raise BrokerError(
            f"expected the venue to move the cash, found {trouble or 'no answer'}: look with "
            "`hfl status`, and ask again only when it was certainly not done",
            reached=Reached.UNKNOWN,
        )
