"""Small markets with trends, gaps, ties and standstills, from a seed."""

import random

import numpy as np

from hfl_core.indicators._columns import bars_of


def world(seed, rows=120, *, start=1000, still=0.15):
    """Return highs, lows, closes in ticks and volumes as lists of floats."""
    draw = random.Random(seed)
    high, low, close, volume = [], [], [], []
    price, rest = start, 0
    for _ in range(rows):
        if rest:
            rest -= 1
            step = reach = 0
        else:
            step, reach = draw.randint(-9, 9), draw.randint(0, 6)
            if draw.random() < still / 10:
                rest = draw.randint(1, 40)
            if draw.random() < 0.02:
                step *= 12
        price = max(price + step, 50)
        high.append(float(price + reach))
        low.append(float(price - draw.randint(0, reach) if reach else price))
        close.append(float(draw.randint(int(low[-1]), int(high[-1]))))
        volume.append(float(0 if rest else draw.randint(1, 500)))
    return high, low, close, volume


def bars(high, low, close, volume=None):
    """Return the lists as bars."""
    traded = None if volume is None else np.array(volume)
    return bars_of(high=np.array(high), low=np.array(low), close=np.array(close), volume=traded)
