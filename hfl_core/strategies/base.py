"""What a strategy is and what it can see. Knows nothing of orders, sizes, accounts or time to come.

A strategy is a frozen dataclass named `Strategy` in a file of this folder (or in
HFL_HOME/strategies/); its fields are its parameters. It holds no state: the engine pushes the
features it declares and shows their values in a `View`.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from hfl_core.domain.opinions import Candidate, Evidence
from hfl_core.features.base import FeatureSpec


class View(NamedTuple):
    """One instrument as it was known at the close of one bar.

    Nothing later can be reached from here.

    values: the declared features' values, in the order declared, all ready; closes: the last
    `lookback` closes, oldest first, empty when the strategy declares none; position: 1, 0 or -1 as
    held now; bars_held: bars since the position was opened, 0 when flat; entry_price: average
    entry, 0.0 when flat; prices are floats in the account currency; regime: the market's as of its
    last whole day, a name of hfl_core.domain.regimes, empty while it is not known.
    """

    symbol: str
    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    values: tuple[float, ...]
    position: int
    bars_held: int
    entry_price: float
    closes: tuple[float, ...]
    regime: str = ""


# A direction (LONG, SHORT) and a regime's name -> whether the strategy would enter there.
Fits = Callable[[int, str], bool]
# The declared features' values, the close, the position as in a view -> what `scan` would say.
Glance = Callable[[tuple[float, ...], float, int], Candidate | None]
# A position's average entry and its protective stop, as prices -> where its profit is taken.
Target = Callable[[float, float], float]


class Strategy(Protocol):
    """Propose a stance, then defend it.

    `features()` declares what `view.values` holds; `lookback` (0 for none) how many closes
    `view.closes` holds. `scan` is called for every bar and must be cheap: it returns one of the
    module's own Candidate constants whose direction is the stance it wants (LONG, FLAT, SHORT), or
    None for "no change". The engine compares the stance with the position. `signal` is called only
    when the stance differs from the position, and returns the evidence.

    A strategy whose scan needs no more than the features' values, the close and the position may
    offer `glance(values, close, position)`: the engine then asks it for every bar in place of
    `scan`, and makes a view only for `signal`. Both must say the same; the simplest way is a
    `scan` that asks `glance`.

    A strategy that enters in some market regimes only may offer `fits(direction, regime)`: the
    engine asks it before every entry, and never before an exit; what does not fit ends with the
    code REGIME_UNFIT.

    A strategy may offer `target(entry, stop)`: the price at which a position with that average
    entry and protective stop takes its profit. The order that protects the position then carries
    both, and the one that is touched first ends the other. Without a stop there is no target.
    """

    @property
    def lookback(self) -> int: ...
    def features(self) -> tuple[FeatureSpec, ...]: ...
    def scan(self, view: View) -> Candidate | None: ...
    def signal(self, view: View, candidate: Candidate) -> Evidence: ...
