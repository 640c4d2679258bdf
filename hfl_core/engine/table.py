"""The state machine as a table; what is not in it is illegal.

Knows nothing of why a trigger is fired.

The machine rests in `scanning` until the slot's bars are in, in `signalling` until opinions are in
or their deadline has passed, and in `executing` until every intent is acknowledged, refused or
unknown. A scan that ends quietly returns to `idle` from wherever it ended. `restart` is how every
run begins: the machine starts in `halted` and reaches `idle` only by `recover`, after the chain is
verified and the venue reconciled. `halt` is legal everywhere, also in `halted`. `act` is work
outside a scan: a protective stop after a fill, an exit that a human asked for.
"""

from typing import Final

IDLE: Final = "idle"
SCANNING: Final = "scanning"
SIGNALLING: Final = "signalling"
RISK_CHECK: Final = "risk_check"
EXECUTING: Final = "executing"
HALTED: Final = "halted"

STATES: Final = (IDLE, SCANNING, SIGNALLING, RISK_CHECK, EXECUTING, HALTED)

TABLE: Final[dict[str, dict[str, str]]] = {
    IDLE: {"open_slot": SCANNING, "act": EXECUTING, "halt": HALTED, "restart": HALTED},
    SCANNING: {"quiet": IDLE, "find_setup": SIGNALLING, "halt": HALTED, "restart": HALTED},
    SIGNALLING: {"quiet": IDLE, "assess": RISK_CHECK, "halt": HALTED, "restart": HALTED},
    RISK_CHECK: {"quiet": IDLE, "execute": EXECUTING, "halt": HALTED, "restart": HALTED},
    EXECUTING: {"settle": IDLE, "halt": HALTED, "restart": HALTED},
    HALTED: {"recover": IDLE, "resume": IDLE, "halt": HALTED, "restart": HALTED},
}

TRIGGERS: Final = tuple(sorted({trigger for row in TABLE.values() for trigger in row}))


class IllegalTransitionError(AssertionError):
    """A trigger was fired in a state that does not know it: a programming error, never input."""


def target_of(state: str, trigger: str) -> str:
    """Return where a trigger leads.

    Raises IllegalTransitionError when the table does not have it.
    """
    target = TABLE[state].get(trigger)
    if target is None:
        known = ", ".join(TABLE[state])
        raise IllegalTransitionError(f"expected one of {known} in state {state}, found {trigger}")
    return target
