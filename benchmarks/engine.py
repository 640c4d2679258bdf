"""Speed of the event-driven engine with the whole gate and a chained journal, on W1.

Interleaved in one run with the same arithmetic as a plain loop, and with backtesting.py where it is
installed (`pip install backtesting`). CPU seconds, medians; the garbage collector is frozen and off
during the timed parts, as it is for every case.
"""

import gc
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks import w1
from benchmarks.result import Result, at_least
from hfl_core.domain.bars import Slot

GROUP = "engine"
BARS = 1_000_000
ROUNDS = 3
BARS_A_SECOND_AIM = 500_000
FEE_STEP = 1e-8


def measure(bars: int = BARS, rounds: int = ROUNDS) -> Iterator[Result]:
    """Yield what W1 costs; raises SystemExit when engine and loop disagree on fills or equity."""
    slots = w1.bars(bars)
    tick = float(w1.TICK)
    opens = [slot.bars[0].open * tick for slot in slots]
    closes = [slot.bars[0].close * tick for slot in slots]
    cases: dict[str, Callable[[], tuple[float, int]]] = {
        "loop": lambda: w1.plain_loop(opens, closes),
        "engine": lambda: traded(slots),
    }
    if importlib.util.find_spec("backtesting") is not None:
        cases["backtesting"] = peer(slots)
    took: dict[str, list[float]] = {name: [] for name in cases}
    found: dict[str, tuple[float, int]] = {}
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, case in cases.items():
                began = time.process_time()
                found[name] = case()
                took[name].append(time.process_time() - began)
    finally:
        gc.enable()
        gc.unfreeze()
    _agree(found["engine"], found["loop"])
    middle = {name: statistics.median(values) for name, values in took.items()}
    yield _result(bars, found["engine"][1], middle)


def _result(bars: int, fills: int, middle: dict[str, float]) -> Result:
    details: dict[str, float | str] = {
        "us a bar": middle["engine"] / bars * 1e6,
        "plain loop us a bar": middle["loop"] / bars * 1e6,
        "x plain loop": middle["engine"] / middle["loop"],
        "fills": fills,
    }
    if "backtesting" in middle:
        details["backtesting.py us a bar"] = middle["backtesting"] / bars * 1e6
        details["x backtesting.py"] = middle["engine"] / middle["backtesting"]
    return at_least(
        GROUP,
        f"W1, {bars:,} bars, gate and chained journal",
        bars / middle["engine"],
        BARS_A_SECOND_AIM,
        unit="bars/s",
        **details,
    )


def traded(slots: list[Slot]) -> tuple[float, int]:
    """Run the whole engine over the bars; return equity and fills."""
    backtest = w1.build(slots, w1.settings())
    w1.trade(backtest)
    book = backtest.runner.engine.core.book
    position = book.positions.get(w1.INSTRUMENT.symbol)
    held = float(position.quantity) if position is not None else 0.0
    return float(book.cash) + held * slots[-1].bars[0].close * float(w1.TICK), book.fills


def peer(slots: list[Slot]) -> Callable[[], tuple[float, int]]:
    """Return what runs backtesting.py over the same bars, for equity and fills.

    Its data frame is made here, outside what is timed, and its progress bar is off.
    """
    import backtesting
    import pandas as pd
    from backtesting import Backtest, Strategy

    backtesting.backtesting._tqdm = lambda bars, **_: bars  # noqa: SLF001 - has no other switch
    tick = float(w1.TICK)
    frame = pd.DataFrame(
        [
            (bar.open * tick, bar.high * tick, bar.low * tick, bar.close * tick)
            for (bar,) in (slot.bars for slot in slots)
        ],
        columns=["Open", "High", "Low", "Close"],
        index=pd.to_datetime([slot.time_ns for slot in slots]),
    )

    class Cross(Strategy):  # type: ignore[misc]  # untyped package
        def init(self) -> None:
            close = pd.Series(self.data.Close)
            self.fast = self.I(lambda: close.rolling(w1.FAST).mean())
            self.slow = self.I(lambda: close.rolling(w1.SLOW).mean())

        def next(self) -> None:
            if self.fast[-1] > self.slow[-1]:
                if not self.position:
                    self.buy(size=1)
            elif self.position:
                self.position.close()

    def run() -> tuple[float, int]:
        fee = float(w1.FEE)
        stats = Backtest(frame, Cross, cash=w1.CASH, commission=fee, finalize_trades=False).run()
        return float(stats["Equity Final [$]"]), 2 * int(stats["# Trades"])

    return run


def _agree(engine: tuple[float, int], loop: tuple[float, int]) -> None:
    # The venue rounds each fee up to 10^-8; the loop adds floats.
    rounded = engine[1] * FEE_STEP + 1e-5
    if engine[1] != loop[1] or not -1e-5 <= loop[0] - engine[0] <= rounded:
        raise SystemExit(f"expected equal equity and fills, found {engine} and {loop}")
