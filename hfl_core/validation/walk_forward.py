"""Learn from the past, be judged on what follows, go on. Knows nothing of models."""

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import count
from hfl_core.validation.purging import required
from hfl_core.validation.spans import Spans, Split


def walk_forward(
    spans: Spans,
    *,
    train_rows: int,
    test_rows: int,
    is_anchored: bool,
    step_rows: int | None = None,
    gap: int = 0,
) -> tuple[Split, ...]:
    """Return splits whose training lies wholly before their test, oldest first.

    The first test begins at row train_rows, the next step_rows (else test_rows) later; what fills
    no whole test at the end is left out. Anchored, training begins at row 0; rolling, train_rows
    before the test. Of these rows only those stay whose label ended more than `gap` (unit of
    spans) before the test starts.
    Raises DataError for too few rows, counts below 1, a gap below 0, or a test without training.
    Source: Pardo 1992, ch. 6; purging: Lopez de Prado 2018, 7.4.1.
    """
    rows = len(spans.start)
    length = count("train_rows", train_rows, at_least=1, at_most=rows)
    judged = count("test_rows", test_rows, at_least=1, at_most=rows)
    step = count("step_rows", judged if step_rows is None else step_rows, at_least=1, at_most=rows)
    if gap < 0:
        raise DataError(f"expected a gap of 0 or more, found {gap}: correct it")
    if length + judged > rows:
        raise DataError(
            f"expected {length + judged} rows or more for one training and one test, found {rows}:"
            " use more data or shorter windows"
        )
    splits = []
    for begin in range(length, rows - judged + 1, step):
        window = np.arange(0 if is_anchored else begin - length, begin, dtype=np.int64)
        train = window[spans.end[window] + gap < spans.start[begin]]
        test = np.arange(begin, begin + judged, dtype=np.int64)
        splits.append(Split(required(train, where=f"the test from row {begin}"), test))
    return tuple(splits)
