"""Walk a strategy along bars as the engine would, for tests.

Knows nothing of orders, costs or risk.
The position simply follows the stance at the next bar's open, so that entries, exits and holding
are all seen. It is no backtest: nothing is sized, refused or paid.
"""

from collections.abc import Sequence
from typing import NamedTuple

from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.features.base import CLOSE, HLC, Feature
from hfl_core.features.catalogue import make
from hfl_core.strategies.base import Glance, Strategy, View


class Bar(NamedTuple):
    """One closed bar in floats."""

    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0


class Moment(NamedTuple):
    """What the strategy saw at one close, the stance it took, and its evidence for a new one."""

    row: int
    view: View
    candidate: Candidate | None
    evidence: Evidence | None


def rehearse(
    strategy: Strategy, bars: Sequence[Bar], *, symbol: str = "TEST", bar_ns: int = 3_600 * 10**9
) -> list[Moment]:
    """Return one moment for each bar from the first on which every feature is ready.

    Raises ValueError where a glance does not say what the scan says.
    """
    specs = strategy.features()
    built = {spec[:2]: make(spec) for spec in specs}
    moments: list[Moment] = []
    position = bars_held = 0
    entry_price = 0.0
    wanted: Candidate | None = None
    glance: Glance | None = getattr(strategy, "glance", None)
    for row, bar in enumerate(bars):
        if wanted is not None and wanted.direction != position:
            position, bars_held = wanted.direction, 0
            entry_price = bar.open if position else 0.0
        bars_held += 1 if position else 0
        for feature in built.values():
            push(feature, bar)
        if not all(feature.is_ready for feature in built.values()):
            continue
        view = View(
            symbol=symbol,
            time_ns=(row + 1) * bar_ns,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            values=tuple(getattr(built[spec[:2]], spec.output) for spec in specs),
            position=position,
            bars_held=bars_held,
            entry_price=entry_price,
            closes=tuple(past.close for past in bars[max(0, row + 1 - strategy.lookback) : row + 1])
            if strategy.lookback
            else (),
        )
        wanted = strategy.scan(view)
        if glance is not None:
            _check_glance(glance(view.values, view.close, position), wanted, row)
        is_new = wanted is not None and wanted.direction != position
        evidence = strategy.signal(view, wanted) if wanted is not None and is_new else None
        moments.append(Moment(row, view, wanted, evidence))
    return moments


def _check_glance(glanced: Candidate | None, scanned: Candidate | None, row: int) -> None:
    if glanced != scanned:
        raise ValueError(
            f"expected glance to say what scan says, {scanned}, found {glanced} at bar {row}: "
            "let scan ask glance, or remove glance"
        )


def push(feature: Feature, bar: Bar) -> None:
    """Push one bar into a feature, in the shape that it takes."""
    if feature.INPUTS == CLOSE:
        arguments: tuple[float, ...] = (bar.close,)
    elif feature.INPUTS == HLC:
        arguments = (bar.high, bar.low, bar.close)
    else:
        arguments = (bar.high, bar.low, bar.close, bar.volume)
    feature.push(*arguments)  # type: ignore[attr-defined]
