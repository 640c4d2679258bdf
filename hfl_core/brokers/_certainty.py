"""What an answer proves: the one place where the paper brokers decide how certain they are.

A code proves a rejection only when it is on the allow-list, and only for a call that could have
changed something; all else is unknown.
"""

from typing import Final

from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.ports import BrokerTraits

# Copied from the venue's documentation, on purpose not imported: an adapter trusts only codes that
# it was written for.
DEFINITE_CODES: Final = frozenset(
    {
        "bad_client_id",
        "bad_price",
        "bad_quantity",
        "below_minimum",
        "insufficient_cash",
        "maintenance",
        "may_not_short",
        "no_price",
        "nothing_to_reduce",
        "rate_limited",
        "request_reused",
        "too_many_orders",
        "unknown_symbol",
        "venue_reject",
        "wrong_account",
        "wrong_currency",
    }
)
EXISTS_CODE: Final = "duplicate_client_id"
CHANGING_VERBS: Final = frozenset({"submit", "cancel", "move_cash"})
PAPER_TRAITS: Final = BrokerTraits(
    venue="paper",
    settle_s=5.0,
    definite_codes=DEFINITE_CODES,
    resolves_unknown=True,
    is_reduce_only_enforced=True,
)


def refusal(verb: str, code: str, text: str) -> BrokerError:
    """Turn an error answer into what it proves.

    NO: a definite rejection of a changing call; YES: an order of this id exists; UNKNOWN:
    everything else, and every failed read, which says nothing about any order.
    """
    reached = Reached.UNKNOWN
    if verb in CHANGING_VERBS and code in DEFINITE_CODES:
        reached = Reached.NO
    elif verb == "submit" and code == EXISTS_CODE:
        reached = Reached.YES
    return BrokerError(
        f"the paper venue answered {verb} with {code}: {text}", reached=reached, code=code
    )
