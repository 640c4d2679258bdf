"""What a pipeline saw beyond its training is found; an honest one is left alone."""

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.validation.fitting_leaks import FittingFault, fitting_leaks
from hfl_core.validation.purged_k_fold import purged_k_fold
from hfl_core.validation.spans import Split, spans_ahead

ROWS = 60
SPLITS = purged_k_fold(spans_ahead(ROWS, horizon=2), folds=3, embargo=1)
FEATURES = np.random.default_rng(1).normal(size=(ROWS, 3))
CLASSES = (FEATURES[:, 0] + np.random.default_rng(2).normal(size=ROWS) > 0).astype(np.float64)


def fitted(features, labels, train, test):
    """Learn a line by least squares, on the training alone."""
    centre = features[train].mean(axis=0)
    weights = np.linalg.lstsq(features[train] - centre, labels[train], rcond=None)[0]
    return (features[test] - centre) @ weights


def scaled_on_all(features, labels, train, test):
    return fitted(features - features.mean(axis=0), labels, train, test) + features.mean()


def fitted_on_all(features, labels, train, test):
    return fitted(features, labels, np.arange(len(labels)), test)


def faults(pipeline, labels=CLASSES):
    return {one.fault for one in fitting_leaks(pipeline, FEATURES, labels, SPLITS, seed=1)}


@pytest.mark.parametrize(
    "labels",
    [CLASSES, FEATURES[:, 1] * 5.0, np.zeros(ROWS), np.arange(ROWS) % 3.0],
    ids=["classes", "numbers", "one class", "three classes"],
)
def test_an_honest_pipeline_is_left_alone(labels):
    assert faults(fitted, labels) == set()
    # A model that was fitted on all is caught whatever the labels are.
    assert FittingFault.LABELS in faults(fitted_on_all, labels)


def test_each_fault_is_told_apart():
    assert faults(scaled_on_all) == {FittingFault.FEATURES}
    assert faults(fitted_on_all) == {FittingFault.LABELS, FittingFault.FEATURES}


def test_the_split_and_its_rows_are_named():
    def leaks_in_the_second(features, labels, train, test):
        return labels[test] if test[0] == SPLITS[1].test[0] else np.zeros(len(test))

    found = fitting_leaks(leaks_in_the_second, FEATURES, CLASSES, SPLITS, seed=1)

    assert found == ((1, FittingFault.LABELS, int(SPLITS[1].test[0]), len(SPLITS[1].test)),)


def test_rows_that_were_purged_may_not_be_used_either():
    """The labels of purged rows overlap the test's; a mean over them is a leak."""
    split = Split(np.arange(0, 18), np.arange(20, 40))

    def uses_the_purged(features, labels, train, test):
        return np.full(len(test), labels[: test[0]].mean())

    found = fitting_leaks(uses_the_purged, FEATURES, CLASSES, [split], seed=1)

    assert [one.fault for one in found] == [FittingFault.LABELS]


@pytest.mark.parametrize(
    ("pipeline", "features", "labels", "said"),
    [
        (fitted, FEATURES, CLASSES[1:], "expected labels with 60 rows, found 59"),
        (fitted, FEATURES[:2], CLASSES[:2], "expected 3 rows of features or more, found 2"),
        (fitted, np.full((ROWS, 2), np.nan), CLASSES, "expected features without holes"),
        (lambda *given: np.zeros(3), FEATURES, CLASSES, "expected predictions with 20 rows"),
        (
            lambda *given: np.full(len(given[3]), np.nan),
            FEATURES,
            CLASSES,
            "expected predictions without holes",
        ),
    ],
)
def test_absurd_pipelines_are_refused_in_one_sentence(pipeline, features, labels, said):
    with pytest.raises(DataError, match=said):
        fitting_leaks(pipeline, features, labels, SPLITS, seed=1)


def test_a_pipeline_that_answers_otherwise_each_time_is_refused():
    chance = np.random.default_rng(1)

    with pytest.raises(DataError, match="expected split 0 to be judged alike twice"):
        fitting_leaks(
            lambda *given: chance.random(len(given[3])), FEATURES, CLASSES, SPLITS, seed=1
        )
