"""Every variant that was tried, counted once: what the best one's Sharpe ratio is deflated by.

Trying until something works is what deflation is about, so the count must outlive the session that
tried.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Final

from hfl_core.domain.errors import DataError
from hfl_data.ledger import Fact, Ledger

KIND: Final = "variant"


def record_variant(
    ledger: Ledger,
    *,
    study: str,
    parameters: Mapping[str, Fact],
    sharpe_per_period: float,
    at_ns: int,
) -> int:
    """Write down one variant of a study; return how many different ones were tried by now.

    study: what the variants are of, for example a strategy on a data set; the same parameters
    again count once, and keep their first result.
    Raises DataError without a study, for a ratio or a parameter that is not finite, or if the
    ledger cannot be trusted or written.
    """
    if not study:
        raise DataError("expected the name of a study, found none: say what the variants are of")
    if not math.isfinite(sharpe_per_period):
        raise DataError(
            f"expected a Sharpe ratio per period, found {sharpe_per_period}: record 0 for a"
            " variant that never traded"
        )
    try:
        name = json.dumps(dict(parameters), sort_keys=True, allow_nan=False)
    except ValueError as error:
        raise DataError("expected finite parameters, found others: correct them") from error
    variant = hashlib.sha256(name.encode()).hexdigest()
    with ledger.writing() as writer:
        known = {
            entry.facts["variant"]
            for entry in writer.entries
            if entry.facts.get("kind") == KIND and entry.facts["study"] == study
        }
        if variant not in known:
            facts: dict[str, Fact] = {
                "kind": KIND,
                "study": study,
                "variant": variant,
                "parameters": name,
                "sharpe_per_period": float(sharpe_per_period),
            }
            writer.add(facts, at_ns=at_ns)
            known.add(variant)
    return len(known)


def tried(ledger: Ledger, study: str) -> tuple[float, ...]:
    """Return the Sharpe ratios per period of a study's variants, in the order they were tried.

    Raises DataError if the ledger is broken.
    """
    return tuple(
        float(entry.facts["sharpe_per_period"])
        for entry in ledger.entries()
        if entry.facts.get("kind") == KIND and entry.facts["study"] == study
    )
