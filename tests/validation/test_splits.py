"""Purged splits against a plain double loop over every pair of spans, and odd input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.combinatorial_purged import along_paths, combinatorial_purged
from hfl_core.validation.purged_k_fold import purged_k_fold
from hfl_core.validation.purging import purged
from hfl_core.validation.spans import Spans, spans_ahead, spans_of
from hfl_core.validation.walk_forward import walk_forward


@st.composite
def worlds(draw):
    """Return irregular spans: gaps, equal starts, labels of any length."""
    steps = draw(st.lists(st.integers(0, 5), min_size=8, max_size=40))
    lengths = draw(st.lists(st.integers(0, 12), min_size=len(steps), max_size=len(steps)))
    start = np.cumsum(steps)
    return spans_of(start=start, end=start + np.array(lengths))


def meets(spans, learned, judged, embargo):
    """Tell by the definition whether two rows' spans touch, the judged one longer by embargo."""
    return (
        spans.start[learned] <= spans.end[judged] + embargo
        and spans.start[judged] <= spans.end[learned]
    )


def clean(spans, split, embargo):
    return not any(meets(spans, one, other, embargo) for one in split.train for other in split.test)


@given(worlds(), st.integers(0, 6), st.data())
def test_purging_leaves_exactly_the_rows_that_meet_no_test_row(spans, embargo, data):
    rows = len(spans.start)
    test = data.draw(st.lists(st.integers(0, rows - 1), min_size=1, unique=True))
    expected = [
        row for row in range(rows) if not any(meets(spans, row, one, embargo) for one in test)
    ]

    assert purged(spans, test, embargo=embargo).tolist() == [r for r in expected if r not in test]


@given(worlds(), st.integers(2, 5), st.integers(0, 4))
def test_folds_judge_every_row_once_and_learn_nothing_of_it(spans, folds, embargo):
    try:
        splits = purged_k_fold(spans, folds=folds, embargo=embargo)
    except DataError:
        assume(False)

    assert np.concatenate([split.test for split in splits]).tolist() == list(range(len(spans[0])))
    assert all(clean(spans, split, embargo) for split in splits)
    assert all((np.diff(split.train) > 0).all() for split in splits)


@given(worlds(), st.integers(1, 8), st.integers(1, 4), st.booleans(), st.integers(0, 3))
def test_walk_forward_learns_only_what_was_known_before_the_test(
    spans, train_rows, test_rows, is_anchored, gap
):
    try:
        splits = walk_forward(
            spans, train_rows=train_rows, test_rows=test_rows, is_anchored=is_anchored, gap=gap
        )
    except DataError:
        assume(False)

    begins = list(range(train_rows, len(spans.start) - test_rows + 1, test_rows))
    assert [int(split.test[0]) for split in splits] == begins
    for split in splits:
        assert len(split.test) == test_rows
        assert spans.end[split.train].max() + gap < spans.start[split.test].min()
        oldest = 0 if is_anchored else split.test[0] - train_rows
        kept = [
            row
            for row in range(oldest, split.test[0])
            if spans.end[row] + gap < spans.start[split.test[0]]
        ]
        assert split.train.tolist() == kept


def test_a_walk_with_steps_of_its_own_overlaps_or_skips():
    spans = spans_ahead(20, horizon=0)

    def begins(step):
        splits = walk_forward(spans, train_rows=5, test_rows=4, step_rows=step, is_anchored=False)
        return [int(split.test[0]) for split in splits]

    assert begins(2) == [5, 7, 9, 11, 13, 15]
    assert begins(7) == [5, 12]


@pytest.mark.parametrize(("groups", "chosen"), [(6, 2), (5, 1), (7, 3), (4, 3), (10, 2)])
def test_combinations_and_paths_are_as_many_as_the_book_counts(groups, chosen):
    """C(N, k) splits and C(N, k) k / N paths: 15 and 5 for N = 6, k = 2, the book's figure 12.1."""
    plan = combinatorial_purged(spans_ahead(200, horizon=3), groups=groups, test_groups=chosen)
    splits = math.comb(groups, chosen)

    assert len(plan.splits) == splits
    assert plan.paths.shape == (splits * chosen // groups, groups)
    for group, block in enumerate(plan.groups):
        judges = plan.paths[:, group]
        assert len(set(judges.tolist())) == len(judges)
        assert all(set(block) <= set(plan.splits[name].test) for name in judges)


@given(worlds(), st.integers(3, 5), st.integers(1, 2), st.integers(0, 3))
def test_no_combination_learns_from_what_it_is_judged_on(spans, groups, chosen, embargo):
    try:
        plan = combinatorial_purged(spans, groups=groups, test_groups=chosen, embargo=embargo)
    except DataError:
        assume(False)

    assert all(clean(spans, split, embargo) for split in plan.splits)


def test_a_path_holds_what_its_splits_said_of_each_row():
    plan = combinatorial_purged(spans_ahead(23, horizon=1), groups=5, test_groups=2)
    judged = [np.float64(name * 100) + split.test for name, split in enumerate(plan.splits)]
    found = along_paths(plan, judged)

    assert found.shape == (4, 23)
    for path, (group, block) in itertools.product(range(4), enumerate(plan.groups)):
        assert found[path, block].tolist() == (plan.paths[path, group] * 100.0 + block).tolist()
    seen = [(int(value) // 100, int(value) % 100) for value in found.ravel()]
    assert sorted(seen) == sorted(
        (name, int(row)) for name, split in enumerate(plan.splits) for row in split.test
    )


def test_predictions_of_another_shape_are_refused():
    plan = combinatorial_purged(spans_ahead(23, horizon=1), groups=5, test_groups=2)
    judged = [np.zeros(len(split.test)) for split in plan.splits]

    with pytest.raises(DataError, match="expected judged with 10 rows, found 9"):
        along_paths(plan, judged[:-1])
    with pytest.raises(DataError, match=r"expected judged\[3\] with \d+ rows, found 2"):
        along_paths(plan, [*judged[:3], np.zeros(2), *judged[4:]])


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ([0], [1], "expected 2 rows or more to split, found 1"),
        ([], [], "expected 2 rows or more to split, found 0"),
        ([0, 2, 1], [3, 3, 3], "ascending order, found row 2 earlier"),
        ([0, 1, 2], [0, 1, 1], "found row 2 ending before"),
        ([0, 1], [0, 1, 2], "expected end with 2 rows, found 3"),
        ([0.0, math.nan], [1.0, 2.0], "expected start as whole numbers"),
        ([[0, 1]], [[1, 2]], "one row of numbers, found 2 dimensions"),
    ],
)
def test_spans_that_cannot_be_are_refused_in_one_sentence(start, end, said):
    with pytest.raises(DataError, match=said):
        spans_of(start=start, end=end)


SPANS = spans_ahead(30, horizon=2)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: spans_ahead(1, horizon=0), "expected rows as a whole number from 2"),
        (lambda: spans_ahead(9, horizon=-1), "expected horizon as a whole number from 0"),
        (lambda: spans_ahead(9, horizon=math.nan), "expected horizon as a whole number"),
        (lambda: purged(SPANS, []), "expected one test row or more, found none"),
        (lambda: purged(SPANS, [30]), "expected test rows from 0 to 29, found 30"),
        (lambda: purged(SPANS, [-1]), "expected test rows from 0 to 29, found -1"),
        (lambda: purged(SPANS, [3], embargo=-1), "expected an embargo of 0 or more, found -1"),
        (lambda: purged_k_fold(SPANS, folds=1), "expected folds as a whole number from 2 to 30"),
        (lambda: purged_k_fold(SPANS, folds=31), "from 2 to 30, found 31"),
        (
            lambda: purged_k_fold(SPANS, folds=2, embargo=1000),
            "expected rows left to learn from in fold 0, found none",
        ),
        (
            lambda: combinatorial_purged(SPANS, groups=5, test_groups=5),
            "expected test_groups as a whole number from 1 to 4",
        ),
        (
            lambda: combinatorial_purged(SPANS, groups=30, test_groups=15),
            "expected 20000 splits or fewer",
        ),
        (
            lambda: walk_forward(SPANS, train_rows=25, test_rows=6, is_anchored=True),
            "expected 31 rows or more for one training and one test, found 30",
        ),
        (
            lambda: walk_forward(SPANS, train_rows=2, test_rows=6, is_anchored=False),
            "expected rows left to learn from in the test from row 2, found none",
        ),
        (
            lambda: walk_forward(SPANS, train_rows=9, test_rows=6, is_anchored=False, gap=-1),
            "expected a gap of 0 or more, found -1",
        ),
        (
            lambda: walk_forward(SPANS, train_rows=9, test_rows=6, is_anchored=False, step_rows=0),
            "expected step_rows as a whole number from 1",
        ),
    ],
)
def test_absurd_splits_are_refused_in_one_sentence(make, said):
    with pytest.raises(DataError, match=said):
        make()


def test_spans_are_plain_arrays_of_whole_numbers():
    found = spans_of(start=[1, 2], end=[2, 9])

    assert isinstance(found, Spans)
    assert found.end.dtype == np.int64
