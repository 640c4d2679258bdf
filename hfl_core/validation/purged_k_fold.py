"""Every row judged once, without having been seen. Knows nothing of models."""

import numpy as np

from hfl_core.validation._checks import count
from hfl_core.validation.purging import purged, required
from hfl_core.validation.spans import Spans, Split


def purged_k_fold(spans: Spans, *, folds: int, embargo: int = 0) -> tuple[Split, ...]:
    """Return `folds` splits: each judges one block of rows in time order, never shuffled.

    Blocks differ by one row at most. Training is every other row whose label touches no test label
    and that starts more than embargo (unit of spans) behind each.
    Raises DataError below 2 folds, with fewer rows than folds, an embargo below 0, or where
    nothing is left to learn from.
    Source: Lopez de Prado 2018, Advances in Financial Machine Learning, 7.4.3.
    """
    rows = len(spans.start)
    number = count("folds", folds, at_least=2, at_most=rows)
    splits = []
    for fold, test in enumerate(np.array_split(np.arange(rows, dtype=np.int64), number)):
        train = required(purged(spans, test, embargo=embargo), where=f"fold {fold}")
        splits.append(Split(train, test))
    return tuple(splits)
