"""Reason codes: how far each (instrument, scan) got and why it ended there.

Knows nothing of how they are decided.

Every instrument of every scan ends with exactly one code. Core codes are listed here in gate order;
each risk rule adds `RISK_<NAME>` for its refusal. In the loop a code is one byte: its index in
`code_table`.
"""

from typing import Final

GATES: Final = ("feed", "machine", "features", "scan", "signal", "opinions", "risk", "order")

# code -> (gate, what it means to a person)
CORE_CODES: Final[dict[str, tuple[str, str]]] = {
    "NO_DATA": ("feed", "no accepted bar of this instrument in this slot"),
    "SKIPPED_BUSY": (
        "machine",
        "the slot closed while the machine was still busy with an earlier one",
    ),
    "HALTED": ("machine", "the machine is halted: nothing is decided"),
    "WARMING_UP": ("features", "not every declared feature has enough bars yet"),
    "BAR_FLAGGED": (
        "features",
        "the bar is flagged (gap, zero volume, stale or spike): no new entry on it",
    ),
    "NO_SETUP": ("scan", "the strategy's scan found nothing"),
    "HOLDING": ("scan", "the position is already what the strategy wants"),
    "ORDER_PENDING": ("scan", "an order of this instrument is still on its way"),
    "EXIT_PENDING": ("scan", "an exit of this position is already decided"),
    "UNKNOWN_FREEZE": (
        "signal",
        "an order of this instrument has an unknown outcome: no new exposure",
    ),
    "INSTRUMENT_HALTED": ("signal", "this instrument was halted after a mismatch: a human decides"),
    "REDUCE_ONLY": ("signal", "paused or a limit tripped: no new exposure, exits go on"),
    "MAY_NOT_SHORT": ("signal", "the instrument may not be sold short"),
    "REGIME_UNFIT": ("signal", "the strategy does not enter on this side in this market regime"),
    "SIGNAL_WEAK": ("signal", "the blended score is below the entry threshold"),
    "AWAITING_OPINIONS": ("opinions", "opinions were asked for; this scan ends when they are in"),
    "OPINION_VETO": ("opinions", "an opinion vetoed the entry"),
    "VETO_REPEATED": (
        "risk",
        "risk refused the same entry for the same reasons as in the scan before",
    ),
    "ENTRY_INTENDED": ("order", "an entry order was approved and intended"),
    "EXIT_INTENDED": ("order", "an exit was decided"),
}
RISK_PREFIX: Final = "RISK_"


def risk_code(rule: str) -> str:
    """Return the reason code of a rule's refusal: `daily_loss` becomes RISK_DAILY_LOSS."""
    return RISK_PREFIX + rule.upper()


def code_table(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Return every code in byte order: the core codes, then one for each rule in name order."""
    return (*CORE_CODES, *(risk_code(rule) for rule in sorted(rules)))


def gate_of(code: str) -> str:
    """Return the furthest gate a code stands for."""
    return CORE_CODES[code][0] if code in CORE_CODES else "risk"


def meaning_of(code: str) -> str:
    """Return what a code means, in words."""
    if code in CORE_CODES:
        return CORE_CODES[code][1]
    return f"the risk rule {code.removeprefix(RISK_PREFIX).lower()} refused"
