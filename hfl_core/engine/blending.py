"""How evidence and opinions become one score. Pure; knows nothing of where opinions come from.

In the default configuration text and models can only shrink a size or veto: an opinion on the
strategy's side changes nothing, one against it takes score x confidence off the size, and from the
veto threshold on it vetoes. Every weight is shown.
"""

from decimal import Decimal

from hfl_core.domain.events import OpinionReceived, number_text
from hfl_core.domain.opinions import Evidence
from hfl_core.domain.values import Record


class Blend(Record, frozen=True, kw_only=True):
    """The blended score and all that is in it.

    size_factor: 0..1, exact; weights: (source, weight, score).
    """

    score: float
    size_factor: Decimal
    is_vetoed: bool
    weights: tuple[tuple[str, str, str], ...]


_WHOLE = Decimal(1)


def blend(
    strategy: str, evidence: Evidence, opinions: tuple[OpinionReceived, ...], *, veto: float
) -> Blend:
    """Return the strategy's score x confidence, shrunk by what opposes it."""
    score = evidence.score * evidence.confidence
    weights = [(strategy, number_text(evidence.confidence), number_text(evidence.score))]
    factor = 1.0
    is_vetoed = False
    for opinion in opinions:
        said = float(opinion.score) * float(opinion.confidence)
        against = -said if score > 0 else said
        kept = 1.0 - min(max(against, 0.0), 1.0)
        factor *= kept
        is_vetoed = is_vetoed or against >= veto
        weights.append((f"{opinion.desk}/{opinion.source}", number_text(kept), opinion.score))
    size_factor = _WHOLE if factor == 1.0 else Decimal(str(round(factor, 6)))
    return Blend(
        score=score * factor,
        size_factor=size_factor,
        is_vetoed=is_vetoed,
        weights=tuple(weights),
    )
