"""Seeded leaks of features that are computed from bars alone."""

import numpy as np

from tests.validation.leaks import DAY, Array, Columns, on_bars


def shifted(values: Array, rows: int) -> Array:
    """Return values moved down by rows, or up by a negative number; NaN where there are none."""
    found = np.full(len(values), np.nan)
    if abs(rows) >= len(values):
        return found
    if rows >= 0:
        found[rows:] = values[: len(values) - rows]
    else:
        found[:rows] = values[-rows:]
    return found


def returns(bars: Columns, rows: int = 1) -> Array:
    return bars["close"] / shifted(bars["close"], rows) - 1.0


def trailing(values: Array, rows: int, statistic=np.mean) -> Array:
    found = np.full(len(values), np.nan)
    for row in range(rows - 1, len(values)):
        found[row] = statistic(values[row - rows + 1 : row + 1])
    return found


def so_far(values: Array, statistic) -> Array:
    return np.array([statistic(values[: row + 1]) for row in range(len(values))])


def with_holes(values: Array) -> Array:
    found = values.copy()
    found[3::7] = np.nan
    found[4::7] = np.nan
    return found


def filled(values: Array) -> Array:
    """Carry the last known value on."""
    found = values.copy()
    for row in range(1, len(found)):
        if np.isnan(found[row]):
            found[row] = found[row - 1]
    return found


def interpolated(values: Array) -> Array:
    places = np.arange(len(values))
    known = ~np.isnan(values)
    return np.interp(places, places[known], values[known])


def centred_average(bars: Columns) -> Array:
    padded = np.pad(bars["close"], 2, mode="edge")
    return np.convolve(padded, np.ones(5) / 5, mode="valid")


def scaled(values: Array) -> Array:
    return (values - values.mean()) / max(float(values.std()), 1e-12)


def days(values: Array) -> list[Array]:
    return [values[begin : begin + DAY] for begin in range(0, len(values), DAY)]


def close_of_its_day(bars: Columns) -> Array:
    """Resample to days labelled by their first hour, and join by label."""
    return np.concatenate([np.full(len(day), day[-1]) for day in days(bars["close"])])


def close_of_the_day_before(bars: Columns) -> Array:
    return shifted(close_of_its_day(bars), DAY)


def smoothed(values: Array) -> Array:
    found = values.copy()
    for row in range(1, len(found)):
        found[row] = 0.8 * found[row - 1] + 0.2 * found[row]
    return found


def detrended(bars: Columns) -> Array:
    at = np.arange(len(bars["close"]))
    slope, level = np.polyfit(at, bars["close"], 1)
    return bars["close"] - slope * at - level


def low_pass(bars: Columns) -> Array:
    waves = np.fft.rfft(bars["close"])
    waves[20:] = 0.0
    return np.fft.irfft(waves, len(bars["close"]))


def component(bars: Columns, rows: int | None = None) -> Array:
    """Return the first component of three features, of all rows or of the first ones alone."""
    table = np.nan_to_num(
        np.column_stack([returns(bars), returns(bars, 5), trailing(bars["volume"], 5)])
    )
    known = table[:rows]
    known = (known - known.mean(axis=0)) / (known.std(axis=0) + 1e-9)
    _, vectors = np.linalg.eigh(known.T @ known)
    weights = vectors[:, -1] * np.sign(vectors[:, -1].sum() + 1e-9)
    found = (table / (table[:rows].std(axis=0) + 1e-9)) @ weights
    found[: rows or 0] = np.nan
    return found


def swings(bars: Columns, wait: int) -> Array:
    """Mark lows that are lower than the three rows on either side; `wait` rows later."""
    low = bars["low"]
    found = np.zeros(len(low))
    for row in range(3, len(low) - 3):
        if low[row] == low[row - 3 : row + 4].min():
            found[row + wait] = 1.0
    return found


def best_window(bars: Columns) -> Array:
    """Take the window whose crossing earned most over the whole history."""
    close, gain = bars["close"], np.nan_to_num(returns(bars))

    def earned(window: int) -> float:
        side = np.nan_to_num(np.sign(close - trailing(close, window)))
        return float((shifted(side, 1)[1:] * gain[1:]).sum())

    windows = [window for window in (1, 2, 3, 5, 8, 13, 21, 34) if window <= len(close)]
    return trailing(close, max(windows, key=earned))


def losers_dropped(bars: Columns) -> Array:
    """Enter on strength, but leave out 'outliers': entries that lost in the next five rows."""
    later = np.nan_to_num(shifted(bars["close"], -5) / bars["close"] - 1.0)
    return np.where((returns(bars) > 0) & (later > -0.01), 1.0, 0.0)


def volatility_regime(bars: Columns, statistic) -> Array:
    moves = trailing(np.nan_to_num(np.abs(returns(bars))), 10)
    return np.where(np.nan_to_num(moves) > statistic(np.nan_to_num(moves)), 1.0, 0.0)


def clipped(values: Array) -> Array:
    ordered = np.sort(values)
    edge = len(values) // 20
    return np.clip(values, ordered[edge], ordered[len(values) - 1 - edge])


LEAKS = [
    on_bars(
        "centred_window",
        "average",
        centred_average,
        lambda bars: trailing(bars["close"], 5),
    ),
    on_bars(
        "scaled_by_the_whole_sample",
        "score",
        lambda bars: scaled(bars["close"]),
        lambda bars: trailing(bars["close"], 20, lambda window: scaled(window)[-1]),
    ),
    on_bars(
        "lowest_and_highest_of_all",
        "place",
        lambda bars: (bars["close"] - bars["close"].min()) / np.ptp(bars["close"]),
        lambda bars: (
            (bars["close"] - np.minimum.accumulate(bars["low"]))
            / np.maximum.accumulate(bars["high"])
        ),
    ),
    on_bars(
        "filled_from_the_future",
        "filled",
        lambda bars: filled(with_holes(bars["close"])[::-1])[::-1],
        lambda bars: filled(with_holes(bars["close"])),
    ),
    on_bars(
        "interpolated_across_holes",
        "filled",
        lambda bars: interpolated(with_holes(bars["close"])),
        lambda bars: filled(with_holes(bars["close"])),
    ),
    on_bars("resampled_label_left", "day_close", close_of_its_day, close_of_the_day_before),
    on_bars(
        "high_of_the_unfinished_day",
        "day_high",
        lambda bars: np.concatenate([np.full(len(day), day.max()) for day in days(bars["high"])]),
        lambda bars: np.concatenate([np.maximum.accumulate(day) for day in days(bars["high"])]),
    ),
    on_bars(
        "entry_at_the_close_that_decides",
        "position",
        lambda bars: np.nan_to_num(np.sign(returns(bars, 5))),
        lambda bars: shifted(np.nan_to_num(np.sign(returns(bars, 5))), 1),
        horizon=-1,
    ),
    on_bars(
        "bought_at_the_low_of_the_same_bar",
        "entry_price",
        lambda bars: np.where(bars["low"] < shifted(bars["close"], 1) * 0.99, bars["low"], 0.0),
        lambda bars: shifted(bars["close"], 1) * 0.99,
        horizon=-1,
    ),
    on_bars(
        "stop_seen_before_it_is_hit",
        "position",
        lambda bars: np.where(bars["low"] < shifted(bars["close"], 1) * 0.99, 0.0, 1.0),
        lambda bars: np.where(shifted(bars["low"], 1) < shifted(bars["close"], 2) * 0.99, 0.0, 1.0),
        horizon=-1,
    ),
    on_bars(
        "shifted_the_wrong_way",
        "momentum",
        lambda bars: shifted(returns(bars), -1),
        lambda bars: shifted(returns(bars), 1),
    ),
    on_bars(
        "filtered_forth_and_back",
        "smooth",
        lambda bars: smoothed(smoothed(bars["close"])[::-1])[::-1],
        lambda bars: smoothed(smoothed(bars["close"])),
    ),
    on_bars(
        "detrended_by_a_line_through_all",
        "rest",
        detrended,
        lambda bars: bars["close"] - trailing(bars["close"], 20),
    ),
    on_bars(
        "principal_component_of_all",
        "component",
        component,
        lambda bars: component(bars, 60),
    ),
    on_bars(
        "rank_in_all_history",
        "rank",
        lambda bars: np.argsort(np.argsort(bars["close"])) / len(bars["close"]),
        lambda bars: so_far(bars["close"], lambda past: (past < past[-1]).mean()),
    ),
    on_bars(
        "regime_by_a_median_of_all",
        "regime",
        lambda bars: volatility_regime(bars, np.median),
        lambda bars: volatility_regime(bars, lambda moves: so_far(moves, np.median)),
    ),
    on_bars(
        "swing_marked_before_it_is_confirmed",
        "swing",
        lambda bars: swings(bars, 0),
        lambda bars: swings(bars, 3),
    ),
    on_bars(
        "noise_removed_by_fourier",
        "smooth",
        low_pass,
        lambda bars: trailing(
            bars["close"], 32, lambda window: low_pass({"close": np.asarray(window)})[-1]
        ),
    ),
    on_bars(
        "entries_skipped_when_the_next_open_gaps",
        "entry",
        lambda bars: np.where(
            shifted(bars["open"], -1) / bars["close"] < 0.999, 0.0, (returns(bars) > 0) * 1.0
        ),
        lambda bars: np.where(
            bars["open"] / shifted(bars["close"], 1) < 0.999, 0.0, (returns(bars) > 0) * 1.0
        ),
    ),
    on_bars(
        "sized_by_the_volatility_of_all",
        "size",
        lambda bars: np.full(len(bars["close"]), 0.1 / (np.nanstd(returns(bars)) + 1e-9)),
        lambda bars: 0.1 / (trailing(np.nan_to_num(returns(bars)), 20, np.std) + 1e-9),
    ),
    on_bars(
        "losing_entries_dropped_as_outliers",
        "entry",
        losers_dropped,
        lambda bars: np.where((returns(bars) > 0) & (returns(bars, 5) > -0.01), 1.0, 0.0),
    ),
    on_bars(
        "winsorised_by_quantiles_of_all",
        "clipped",
        lambda bars: clipped(bars["close"]),
        lambda bars: trailing(bars["close"], 30, lambda window: clipped(np.asarray(window))[-1]),
    ),
    on_bars(
        "window_chosen_on_the_whole_history",
        "average",
        best_window,
        lambda bars: trailing(bars["close"], 8),
    ),
]
