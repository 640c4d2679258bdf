"""Whether a model saw what it is judged on: change that and look. Knows no model."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import generator
from hfl_core.validation._checks import Array, Flags, Rows, numbers, same_rows, table
from hfl_core.validation.purging import rows_of
from hfl_core.validation.spans import Spans, Split

# (features, labels, train, test) -> one prediction a test row. Everything that is fitted, chosen,
# scaled, filled or tuned belongs inside.
Pipeline = Callable[[Array, Array, Rows, Rows], Array]

# Labels with so many values or fewer are classes: each becomes another class.
CLASSES_MAX: Final = 20
TOLERANCE: Final = 1e-9


class FittingFault(StrEnum):
    """What a prediction must not depend on."""

    LABELS = "predictions change with labels outside the training: something was fitted on them"
    FEATURES = "predictions change with other rows' features: something was fitted beyond training"


class FoundLeak(NamedTuple):
    """A split whose predictions move; row: the first test row of them, rows: how many."""

    split: int
    fault: FittingFault
    row: int
    rows: int


def fitting_leaks(
    pipeline: Pipeline,
    features: Array,
    labels: Array,
    splits: Sequence[Split],
    *,
    seed: int,
) -> tuple[FoundLeak, ...]:
    """Return what the pipeline's predictions depend on beside its training; empty if clean.

    For every split the labels of all rows outside the training become others: no prediction may
    move. Then the features of all those rows but a random half of the test become others: the
    predictions of that half may not move. Three times each; a change below 1e-9 of the size
    of the predictions is rounding.
    features: (rows, columns); labels: (rows,), classes or numbers.
    Raises DataError if the pipeline answers otherwise when asked twice, or not once a test row.
    Source: Kaufman, Rosset, Perlich and Stitelman 2012, leakage in data mining (learn-predict
    separation).
    """
    known, answers = table("features", features, at_least=3), numbers("labels", labels)
    same_rows("labels", len(answers), len(known))
    spans = Spans(*(np.arange(len(known), dtype=np.int64),) * 2)
    chance = generator(seed, "fitting leaks")
    found: dict[tuple[int, FittingFault], FoundLeak] = {}
    for number, given in enumerate(splits):
        split = Split(rows_of("train", spans, given.train), rows_of("test", spans, given.test))
        outside = np.setdiff1d(np.arange(len(known)), split.train)
        base = _asked(pipeline, known, answers, split)
        if not _close(base, _asked(pipeline, known, answers, split)).all():
            raise DataError(
                f"expected split {number} to be judged alike twice, found another answer: fix"
                " the pipeline's seed"
            )
        for other in _other_labels(answers, outside, chance):
            moved = ~_close(base, _asked(pipeline, known, other, split))
            kept = chance.permuted(split.test)[: (len(split.test) + 1) // 2]
            changed = _other_features(known, np.setdiff1d(outside, kept), chance)
            shaken = ~_close(base, _asked(pipeline, changed, answers, split))
            for fault, rows in (
                (FittingFault.LABELS, split.test[moved]),
                (FittingFault.FEATURES, split.test[shaken & np.isin(split.test, kept)]),
            ):
                if len(rows):
                    leak = FoundLeak(number, fault, int(rows[0]), len(rows))
                    found.setdefault((number, fault), leak)
    return tuple(found.values())


def _asked(pipeline: Pipeline, features: Array, labels: Array, split: Split) -> Array:
    answer = pipeline(features.copy(), labels.copy(), split.train.copy(), split.test.copy())
    checked = numbers("predictions", answer)
    same_rows("predictions", len(checked), len(split.test))
    return checked


def _other_labels(
    labels: Array, outside: Rows, chance: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return labels that are others outside the training: each another, all high, all low.

    Changed one by one, classes could make up for each other in a mean; all of one kind cannot.
    """
    classes, places = np.unique(labels, return_inverse=True)
    shuffled, high, low = labels.copy(), labels.copy(), labels.copy()
    if 1 < len(classes) <= CLASSES_MAX:
        shift = chance.integers(1, len(classes), len(outside))
        shuffled[outside] = classes[(places[outside] + shift) % len(classes)]
        high[outside], low[outside] = classes[-1], classes[0]
    else:
        size = labels.std() + np.abs(labels).max() + 1.0
        shuffled[outside] += size * chance.standard_normal(len(outside))
        high[outside] += size
        low[outside] -= size
    return shuffled, high, low


def _other_features(features: Array, rows: Rows, chance: np.random.Generator) -> Array:
    """Return features in which the rows stand far away."""
    found = features.copy()
    spread = features.std(axis=0) + np.abs(features).max(axis=0) + 1.0
    found[rows] += 3.0 * spread * chance.standard_normal((len(rows), features.shape[1]))
    return found


def _close(ours: Array, theirs: Array) -> Flags:
    scale = np.abs(ours).max(initial=0.0)
    return np.asarray(np.abs(ours - theirs) <= TOLERANCE * scale, dtype=np.bool_)
