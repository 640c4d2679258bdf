"""Seeded leaks of splits: rows that share an answer stand on both sides."""

from collections.abc import Sequence

import numpy as np

from hfl_core.validation.purged_k_fold import purged_k_fold
from hfl_core.validation.purging import purged
from hfl_core.validation.spans import Split, spans_ahead
from hfl_core.validation.split_audit import split_audit
from hfl_core.validation.walk_forward import walk_forward
from tests.validation.leaks import Leak

ROWS = 120
HORIZON = 5
EMBARGO = 3
SPANS = spans_ahead(ROWS, horizon=HORIZON)
ALL = np.arange(ROWS)
CHANCE = np.random.default_rng(4)
CONTENT = CHANCE.normal(size=(ROWS, 3))
# The same rows with the last ten pasted in again at the front, as a merge of two downloads does.
PASTED = np.concatenate([CONTENT[-10:], CONTENT[10:]])


def without(test) -> Split:
    """Learn from every other row."""
    return Split(np.setdiff1d(ALL, test), np.sort(test))


def shuffled_folds() -> list[Split]:
    order = np.random.default_rng(2).permutation(ROWS)
    return [without(test) for test in np.array_split(order, 4)]


def plain_folds() -> list[Split]:
    return [without(test) for test in np.array_split(ALL, 4)]


def purged_folds(embargo: int = 0) -> Sequence[Split]:
    return purged_k_fold(SPANS, folds=4, embargo=embargo)


def purged_before_only() -> list[Split]:
    """Leave out the rows before each test and forget those whose test label reaches them."""
    return [
        Split(
            split.train[(split.train < split.test[0] - HORIZON) | (split.train > split.test[-1])],
            split.test,
        )
        for split in plain_folds()
    ]


def embargo_in_rows_of_the_test() -> list[Split]:
    """Count the embargo from the last test row instead of from the end of its label."""
    folds = []
    for split in purged_folds():
        near = (split.train > split.test[-1]) & (
            split.train <= split.test[-1] + EMBARGO + HORIZON - 1
        )
        folds.append(Split(split.train[~near], split.test))
    return folds


def walk(train_reaches: int) -> list[Split]:
    """Learn from all rows before the test and, by a slip, from some of it or behind it."""
    return [
        Split(np.arange(begin - HORIZON - 1 + train_reaches), np.arange(begin, begin + 20))
        for begin in (40, 60, 80)
    ]


def rolled_backwards() -> list[Split]:
    """Judge each fold by a model of all the others and call it walk-forward."""
    return [Split(purged(SPANS, test, embargo=EMBARGO), test) for test in np.array_split(ALL, 4)]


def audited(splits: Sequence[Split], **asked) -> set[str]:
    return {found.fault.name for found in split_audit(SPANS, splits, **asked)}


def events(*, kept_together: bool) -> set[str]:
    """Thirty events seen in four instruments each: rows 4 e .. 4 e + 3 are one event."""
    spans = spans_ahead(ROWS, horizon=0)
    names = ALL // 4
    border = 60 if kept_together else 58
    split = Split(ALL[:border], ALL[border:])
    return {found.fault.name for found in split_audit(spans, [split], groups=names)}


def pasted(*, sides_of_one: bool) -> set[str]:
    content = CONTENT if sides_of_one else PASTED
    return audited(purged_folds(), content=content)


def leak(name: str, named: str, leaky, clean) -> Leak:
    return Leak(name, named, leaky, clean)


LEAKS = [
    leak(
        "shuffled_folds_on_overlapping_labels",
        "OVERLAP",
        lambda: audited(shuffled_folds()),
        lambda: audited(purged_folds()),
    ),
    leak(
        "missing_purge",
        "OVERLAP",
        lambda: audited(plain_folds()),
        lambda: audited(purged_folds()),
    ),
    leak(
        "purged_before_the_test_but_not_behind",
        "OVERLAP",
        lambda: audited(purged_before_only()),
        lambda: audited(purged_folds()),
    ),
    leak(
        "missing_embargo",
        "EMBARGO",
        lambda: audited(purged_folds(), embargo=EMBARGO),
        lambda: audited(purged_folds(EMBARGO), embargo=EMBARGO),
    ),
    leak(
        "embargo_counted_from_the_wrong_end",
        "EMBARGO",
        lambda: audited(embargo_in_rows_of_the_test(), embargo=EMBARGO),
        lambda: audited(purged_folds(EMBARGO), embargo=EMBARGO),
    ),
    leak(
        "the_border_row_on_both_sides",
        "SAME_ROW",
        lambda: audited(walk(HORIZON + 2)),
        lambda: audited(walk(0)),
    ),
    leak(
        "walk_forward_without_purge",
        "OVERLAP",
        lambda: audited(walk(HORIZON), is_walk_forward=True),
        lambda: audited(
            walk_forward(SPANS, train_rows=40, test_rows=20, is_anchored=True),
            is_walk_forward=True,
        ),
    ),
    leak(
        "folds_called_walk_forward",
        "FUTURE",
        lambda: audited(rolled_backwards(), is_walk_forward=True),
        lambda: audited(rolled_backwards()),
    ),
    leak(
        "copies_of_rows_across_folds",
        "SAME_CONTENT",
        lambda: pasted(sides_of_one=False),
        lambda: pasted(sides_of_one=True),
    ),
    leak(
        "one_event_on_both_sides",
        "SAME_GROUP",
        lambda: events(kept_together=False),
        lambda: events(kept_together=True),
    ),
]
