"""Verdicts of the risk gate, and the seal that only an approved order carries.

Knows nothing of how rules compute.
"""

import hashlib
from decimal import Decimal
from enum import StrEnum

from hfl_core.domain.ids import ClientOrderId
from hfl_core.domain.money import plain
from hfl_core.domain.orders import OrderIntent
from hfl_core.domain.values import Value


class Outcome(StrEnum):
    """What one rule said.

    APPROVE (perhaps smaller), REFUSE, or NOT_APPLICABLE, which passes and is journaled as such.
    """

    APPROVE = "approve"
    REFUSE = "refuse"
    NOT_APPLICABLE = "not_applicable"


class RuleVerdict(Value, frozen=True, kw_only=True):
    """One rule's answer with its numbers.

    value, limit, headroom: text of exact numbers in the rule's unit, empty when not applicable;
    quantity_max_lots: the most this rule allows, None for no bound.
    """

    rule: str
    outcome: Outcome
    value: str
    limit: str
    headroom: str
    unit: str
    note: str = ""
    quantity_max_lots: int | None = None


class RiskVerdict(Value, frozen=True, kw_only=True):
    """The gate's answer on one intent.

    Every rule ran, the most restrictive wins, all reasons are kept. inputs_hash: SHA-256 of all
    that the rules were told, empty where none ran.
    """

    allowed: bool
    reason: str
    quantity: Decimal
    rules: tuple[RuleVerdict, ...]
    limits_hash: str
    intent_hash: str
    inputs_hash: str = ""


def intent_bytes(intent: OrderIntent) -> bytes:
    """Return an intent's canonical bytes: what its hash, approval and client id are about.

    Equal numbers give equal bytes, whether they come from ticks or from the journal.
    """
    return "|".join(
        (
            intent.symbol,
            intent.side,
            intent.type,
            intent.purpose,
            plain(intent.quantity),
            _text(intent.limit_price),
            _text(intent.stop_price),
            _text(intent.risk_stop_price),
            intent.time_in_force,
            intent.reason,
        )
    ).encode()


def _text(price: Decimal | None) -> str:
    return "None" if price is None else plain(price)


def intent_hash(intent: OrderIntent) -> str:
    """Return the SHA-256 of the intent's canonical bytes, hexadecimal."""
    return hashlib.sha256(intent_bytes(intent)).hexdigest()


class ApprovedOrder(Value, frozen=True, kw_only=True):
    """An intent with the verdict that allows exactly it.

    Nothing else fits into the effect that sends.

    Raises ValueError when the verdict refuses, or was given about another intent.
    """

    client_id: ClientOrderId
    intent: OrderIntent
    verdict: RiskVerdict

    def __post_init__(self) -> None:
        if not self.verdict.allowed:
            raise ValueError(
                f"expected an allowing verdict for {self.client_id}, found {self.verdict.reason}"
            )
        if self.verdict.intent_hash != intent_hash(self.intent):
            raise ValueError(
                f"expected the verdict on this very intent for {self.client_id}, "
                "found one about another"
            )
