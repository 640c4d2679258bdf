"""Seeded leaks of pipelines that learn: something was fitted on what is judged.

Every function takes (features, labels, train, test) and returns one prediction a test row.
"""

import numpy as np

from tests.validation.leaks import fitting


def line(features, labels, train, test):
    """Fit by ridge, scaled by the training alone."""
    centre, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-9
    known = (features[train] - centre) / spread
    weights = np.linalg.solve(
        known.T @ known + np.eye(known.shape[1]), known.T @ (labels[train] - labels[train].mean())
    )
    return (features[test] - centre) / spread @ weights + labels[train].mean()


def everything(features):
    return np.arange(len(features))


def scaled(features, labels, train, test, *, fitted_on):
    centre, spread = features[fitted_on].mean(axis=0), features[fitted_on].std(axis=0) + 1e-9
    return line(np.tanh((features - centre) / spread), labels, train, test)


def selected(features, labels, train, test, *, fitted_on):
    """Keep the two features that correlate best with the labels."""
    centred = features[fitted_on] - features[fitted_on].mean(axis=0)
    strength = np.abs(centred.T @ (labels[fitted_on] - labels[fitted_on].mean()))
    best = np.argsort(strength)[-2:]
    return line(features[:, best], labels, train, test)


def encoded(features, labels, train, test, *, fitted_on):
    """Replace a category by the mean label of its rows."""
    category = np.digitize(features[:, 1], [-0.7, 0.0, 0.7])
    means = np.full(4, labels[train].mean())
    for name in range(4):
        rows = fitted_on[category[fitted_on] == name]
        if len(rows):
            means[name] = labels[rows].mean()
    table = np.column_stack([features, means[category]])
    return line(table, labels, train, test)


def thresholded(features, labels, train, test, *, tuned_on):
    """Turn scores into yes and no where that is right most often."""
    scores = line(features, labels, train, everything(features))
    places = np.linspace(-0.5, 1.5, 41)
    right = [((scores[tuned_on] > place) == (labels[tuned_on] > 0.5)).mean() for place in places]
    return np.where(scores[test] > places[int(np.argmax(right))], 1.0, 0.0)


def stopped(features, labels, train, test, *, watched):
    """Descend until the watched rows' error rises."""
    centre, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-9
    table = (features - centre) / spread
    weights, best, least = np.zeros(features.shape[1]), np.zeros(features.shape[1]), np.inf
    for _ in range(60):
        error = table[train] @ weights - (labels[train] - 0.5)
        weights = weights - 0.05 * table[train].T @ error / len(train)
        watched_error = float(((table[watched] @ weights - (labels[watched] - 0.5)) ** 2).mean())
        if watched_error < least:
            least, best = watched_error, weights
    return table[test] @ best


def imputed(features, labels, train, test, *, fitted_on):
    """Fill holes (values below -1) with the mean of what is there."""
    found = features.copy()
    for column in range(found.shape[1]):
        is_hole = found[:, column] < -1.0
        there = fitted_on[~is_hole[fitted_on]]
        found[is_hole, column] = found[there, column].mean() if len(there) else 0.0
    return line(found, labels, train, test)


def projected(features, labels, train, test, *, fitted_on):
    known = features[fitted_on] - features[fitted_on].mean(axis=0)
    _, vectors = np.linalg.eigh(known.T @ known)
    return line(features @ (vectors[:, -2:] * np.sign(vectors[0, -2:])), labels, train, test)


def nearest_label(features, labels, train, test, *, known):
    """Answer with the label of the nearest known row."""
    away = ((features[test][:, None, :2] - features[known][None, :, :2]) ** 2).sum(axis=2)
    return labels[known][away.argmin(axis=1)]


def oversampled(features, labels, train, test, *, before_the_split):
    """Copy the rarer class until both are as many, before or after the rows were split."""
    pool = everything(features) if before_the_split else train
    rare = 1.0 if labels[pool].mean() < 0.5 else 0.0
    few = pool[labels[pool] == rare]
    extra = np.resize(few, max(len(pool) - 2 * len(few), 0)) if len(few) else few
    known = np.concatenate([train, extra]).astype(np.int64)
    if before_the_split:
        # Copies of test rows land in the training by chance; here every second one does.
        known = np.concatenate([known, few[::2]])
    return line(features, labels, known, test)


def stacked(features, labels, train, test, *, first_on):
    """A second model learns from the first one's answers."""
    answers = line(features, labels, first_on, everything(features))
    return line(np.column_stack([features[:, :2], answers]), labels, train, test)


def calibrated(features, labels, train, test, *, fitted_on):
    """Shift the answers so that their mean is the mean of the labels."""
    answers = line(features, labels, train, everything(features))
    return answers[test] + labels[fitted_on].mean() - answers[train].mean()


def rest_of(features, train):
    return np.setdiff1d(everything(features), train)


LEAKS = [
    fitting(
        "scaler_fitted_on_all",
        "FEATURES",
        lambda x, y, train, test: scaled(x, y, train, test, fitted_on=everything(x)),
        lambda x, y, train, test: scaled(x, y, train, test, fitted_on=train),
    ),
    fitting(
        "features_selected_on_all",
        "LABELS",
        lambda x, y, train, test: selected(x, y, train, test, fitted_on=everything(x)),
        lambda x, y, train, test: selected(x, y, train, test, fitted_on=train),
    ),
    fitting(
        "categories_encoded_by_all_labels",
        "LABELS",
        lambda x, y, train, test: encoded(x, y, train, test, fitted_on=everything(x)),
        lambda x, y, train, test: encoded(x, y, train, test, fitted_on=train),
    ),
    fitting(
        "threshold_tuned_on_the_test",
        "LABELS",
        lambda x, y, train, test: thresholded(x, y, train, test, tuned_on=test),
        lambda x, y, train, test: thresholded(x, y, train, test, tuned_on=train),
    ),
    fitting(
        "stopped_early_by_the_test",
        "LABELS",
        lambda x, y, train, test: stopped(x, y, train, test, watched=test),
        lambda x, y, train, test: stopped(x, y, train[:-10], test, watched=train[-10:]),
    ),
    fitting(
        "holes_filled_with_the_mean_of_all",
        "FEATURES",
        lambda x, y, train, test: imputed(x, y, train, test, fitted_on=everything(x)),
        lambda x, y, train, test: imputed(x, y, train, test, fitted_on=train),
    ),
    fitting(
        "components_fitted_on_all",
        "FEATURES",
        lambda x, y, train, test: projected(x, y, train, test, fitted_on=everything(x)),
        lambda x, y, train, test: projected(x, y, train, test, fitted_on=train),
    ),
    fitting(
        "fitted_on_all_and_called_walk_forward",
        "LABELS",
        lambda x, y, train, test: line(x, y, everything(x), test),
        line,
    ),
    fitting(
        "purged_rows_learned_from_after_all",
        "LABELS",
        lambda x, y, train, test: nearest_label(
            x, y, train, test, known=np.setdiff1d(everything(x), test)
        ),
        lambda x, y, train, test: nearest_label(x, y, train, test, known=train),
    ),
    fitting(
        "oversampled_before_the_split",
        "LABELS",
        lambda x, y, train, test: oversampled(x, y, train, test, before_the_split=True),
        lambda x, y, train, test: oversampled(x, y, train, test, before_the_split=False),
    ),
    fitting(
        "stacked_on_a_model_of_all",
        "LABELS",
        lambda x, y, train, test: stacked(x, y, train, test, first_on=everything(x)),
        lambda x, y, train, test: stacked(x, y, train, test, first_on=train),
    ),
    fitting(
        "calibrated_on_the_test",
        "LABELS",
        lambda x, y, train, test: calibrated(x, y, train, test, fitted_on=rest_of(x, train)),
        lambda x, y, train, test: calibrated(x, y, train, test, fitted_on=train),
    ),
]
