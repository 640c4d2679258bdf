"""Planted bugs: one wrong idea each, as old and new text, applied to a copy of the code.

`numbers` are rows of the failure catalogue (orders and the unknown outcome 1-21, operators and
limits 55-63); empty where the bug is of our own making.
"""

# Lines of the shipped code stand here as they stand there.
# ruff: noqa: E501, ISC004

from typing import Final, NamedTuple


class Edit(NamedTuple):
    """One change: `old` must stand exactly once in the file."""

    path: str
    old: str
    new: str


class Bug(NamedTuple):
    """One planted bug."""

    name: str
    numbers: tuple[int, ...]
    edits: tuple[Edit, ...]


def bug(name: str, *edits: tuple[str, str, str], numbers: tuple[int, ...] = ()) -> Bug:
    """Make a bug of (path, old, new)."""
    return Bug(name, numbers, tuple(Edit(*edit) for edit in edits))


GATEWAY: Final = "hfl_core/gateway/gateway.py"
ORDERING: Final = "hfl_core/engine/ordering.py"
RECONCILING: Final = "hfl_core/engine/reconciling.py"
STEP: Final = "hfl_core/engine/step.py"
STOPPING: Final = "hfl_core/engine/stopping.py"
STATE: Final = "hfl_core/engine/state.py"
PERFORM: Final = "hfl_core/runtime/perform.py"
RUNNER: Final = "hfl_core/runtime/runner.py"
POSITIONS: Final = "hfl_core/engine/book_positions.py"

BUGS: Final[tuple[Bug, ...]] = (
    bug(
        "the intent is not committed before it is sent",
        (
            RUNNER,
            "self._must_commit = must_commit or bool(result.effects)",
            "self._must_commit = False",
        ),
        numbers=(1,),
    ),
    bug(
        "a restart forgets what was being sent",
        (STEP, "if order.status in {OrderStatus.INTENDED, OrderStatus.SENDING}:", "if False:"),
        numbers=(2,),
    ),
    bug(
        "a timeout sends again",
        (
            GATEWAY,
            "            return outcome_of(client_id, error, self.broker.traits.definite_codes)",
            "            del error\n            venue_id = self.broker.submit(client_id, order.intent, deadline_s=3)",
        ),
        numbers=(3,),
    ),
    bug(
        "an answer without the venue's id is a success",
        (
            GATEWAY,
            "    return ev.OrderUnknown(client_id=client_id, why=str(error))",
            '    return ev.OrderAccepted(client_id=client_id, venue_id="")',
        ),
        numbers=(5,),
    ),
    bug(
        "unknown counts as rejected",
        (
            GATEWAY,
            "    return ev.OrderUnknown(client_id=client_id, why=str(error))",
            "    return ev.OrderRejected(client_id=client_id, code=error.code, text=str(error))",
        ),
        numbers=(6,),
    ),
    bug(
        "a timer turns unknown into rejected",
        (
            ORDERING,
            "    core.effects.append(QueryOrder(",
            '    if order.queries >= 2:\n        _resolve(core, order, OrderStatus.REJECTED, "too long")\n        return\n'
            "    core.effects.append(QueryOrder(",
        ),
        numbers=(7,),
    ),
    bug(
        "not found counts at once",
        (
            ORDERING,
            "    if order.queries_not_found < QUERIES_MIN or since < core.settings.settle_ns:\n        return False",
            "    del since",
        ),
        numbers=(8,),
    ),
    bug(
        "a fill that comes twice counts twice",
        (
            POSITIONS,
            "    if order is None or fill.fill_id in order.fill_keys:",
            "    if order is None:",
        ),
        (STEP, "            return not book.is_known_fill(event.fill)", "            return True"),
        numbers=(9,),
    ),
    bug(
        "fills that a poll missed are never looked for",
        (
            RECONCILING,
            "        if order.status is not OrderStatus.WORKING:\n            continue\n        report",
            "        if order.status is not OrderStatus.CANCELLING:\n            continue\n        report",
        ),
        numbers=(12,),
    ),
    bug(
        "a stop sells what the entry wanted instead of what it got",
        (
            ORDERING,
            "    missing = abs(position.quantity) - covered",
            "    wanted = [o.quantity for o in core.book.orders.values() if o.decision == position.decision]\n"
            "    missing = max([*wanted, abs(position.quantity)]) - covered",
        ),
        numbers=(13,),
    ),
    bug(
        "a cancel that is asked for frees the exposure at once",
        (
            "hfl_core/engine/book_orders.py",
            "            order.status = OrderStatus.CANCELLING\n\n\ndef",
            "            book.end_order(order, OrderStatus.CANCELLED)\n\n\ndef",
        ),
        numbers=(14,),
    ),
    bug(
        "a cancel is believed without asking what had filled",
        (PERFORM, 'if answer == "cancelled":', "if False:"),
        numbers=(13,),
    ),
    bug(
        "reconciliation trades the difference away",
        (
            RECONCILING,
            "is_new = symbol not in core.book.halted_symbols and symbol not in moving",
            "is_new = True",
        ),
        (
            RECONCILING,
            "        core.emit(ev.PositionMismatched(symbol=symbol, ours=ours, theirs=theirs))",
            '        core.emit(ev.PositionAdjusted(symbol=symbol, quantity=theirs, price=ours, reason="sync"))',
        ),
        numbers=(17,),
    ),
    bug(
        "a failed report is read as flat",
        (
            RECONCILING,
            "    if event.failed:\n        core.set_timer(core.time_ns + RETRY_NS",
            "    if False:\n        core.set_timer(core.time_ns + RETRY_NS",
        ),
        numbers=(18,),
    ),
    bug(
        "sizes are rounded up",
        (
            "hfl_core/risk/sizing.py",
            "lots = budget // lot_risk if",
            "lots = -(-budget // lot_risk) if",
        ),
        numbers=(20,),
    ),
    bug(
        "the latch files are not read at the send",
        (
            "hfl_core/gateway/latch.py",
            "        on_disk = LatchState(level=NONE) if self._directory is None else read(self._directory)",
            "        on_disk = LatchState(level=NONE)",
        ),
        numbers=(55, 56),
    ),
    bug(
        "close_all exits as often as it is thought of",
        (
            ORDERING,
            "    if any(order.purpose is Purpose.EXIT for order in live):\n        return\n    is_entering",
            "    is_entering",
        ),
        numbers=(57,),
    ),
    bug(
        "a tripped limit is forgotten at the restart",
        (
            "hfl_core/runtime/recovery.py",
            "        else:\n            core.fold_event(event, row.time_ns)",
            "        elif not isinstance(event, ev.LimitTripped):\n"
            "            core.fold_event(event, row.time_ns)",
        ),
        numbers=(61,),
    ),
    bug(
        "a deposit leaves the high-water mark where it was",
        ("hfl_core/engine/decider.py", "        self.high_water_mark += units\n", ""),
        numbers=(63,),
    ),
    bug(
        "the digest does not roll",
        (
            STEP,
            "hashlib.sha256(previous + outcomes)",
            "hashlib.sha256(previous[:0] + outcomes)",
        ),
    ),
    bug(
        "a snapshot forgets what cash was asked for",
        (
            STATE,
            '    book.cash_asked = dict(part(state, "cash_asked", list))',
            "    book.cash_asked = {}",
        ),
        (
            STATE,
            '    book.requests = dict(part(state, "requests", list))',
            "    book.requests = {}",
        ),
    ),
    bug(
        "the gate allows what a rule refuses",
        ("hfl_core/risk/gate.py", "    if refusing:\n", "    if not verdicts:\n"),
    ),
    bug(
        "entries on their way do not count as exposure",
        (
            "hfl_core/engine/exposure.py",
            "        if lane is None or order.purpose is not Purpose.ENTRY:",
            "        if lane is None or order.purpose is Purpose.ENTRY:",
        ),
    ),
    bug(
        "cash whose answer was lost is not asked for again",
        (
            STOPPING,
            "        core.effects.append(MoveCash(request_id=request_id, amount=amount, is_repeat=True))",
            "        del request_id, amount",
        ),
    ),
    bug(
        "what is sold short is not protected",
        (
            ORDERING,
            "    if position.stop_price is None:\n        return\n    live",
            "    if position.stop_price is None or position.quantity < 0:\n        return\n    live",
        ),
    ),
    bug(
        "orders of timers reach a venue whose clock stands still",
        (
            "hfl_core/runtime/conductor.py",
            "            self._tell_time(due_ns)\n",
            "",
        ),
    ),
)
