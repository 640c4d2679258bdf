"""The audit finds every fault that was put in, and none in what the tools make."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.validation.combinatorial_purged import combinatorial_purged
from hfl_core.validation.purged_k_fold import purged_k_fold
from hfl_core.validation.spans import Split, spans_ahead, spans_of
from hfl_core.validation.split_audit import SplitFault, split_audit
from hfl_core.validation.walk_forward import walk_forward

SPANS = spans_ahead(60, horizon=4)


def rows(begin, end):
    return np.arange(begin, end, dtype=np.int64)


@given(st.integers(0, 9), st.integers(0, 6), st.integers(2, 5))
def test_what_the_tools_make_is_clean(horizon, embargo, folds):
    spans = spans_ahead(120, horizon=horizon)
    plan = combinatorial_purged(spans, groups=5, test_groups=2, embargo=embargo)
    walk = walk_forward(spans, train_rows=40, test_rows=10, is_anchored=False)

    assert split_audit(spans, plan.splits, embargo=embargo) == ()
    assert split_audit(spans, walk, is_walk_forward=True) == ()
    assert split_audit(spans, purged_k_fold(spans, folds=folds, embargo=embargo)) == ()


@pytest.mark.parametrize(
    ("train", "test", "fault", "first", "many"),
    [
        (rows(0, 21), rows(20, 30), SplitFault.SAME_ROW, 20, 1),
        # Row 16's label ends where the first test row starts.
        (rows(0, 20), rows(20, 30), SplitFault.OVERLAP, 16, 4),
        # The last test label ends at 33; rows up to 36 are within an embargo of 3.
        (rows(34, 60), rows(20, 30), SplitFault.EMBARGO, 34, 3),
    ],
)
def test_each_fault_is_named_with_its_first_row(train, test, fault, first, many):
    found = split_audit(SPANS, [Split(train, test)], embargo=3)

    assert (0, fault, first, many) in found


def test_training_behind_the_test_is_the_future_of_a_walk_alone():
    split = Split(rows(40, 60), rows(0, 10))

    assert split_audit(SPANS, [split]) == ()
    assert split_audit(SPANS, [split], is_walk_forward=True) == ((0, SplitFault.FUTURE, 40, 20),)


def test_what_is_decided_at_the_same_time_is_no_past():
    """Two instruments an hour: rows 2 h and 2 h + 1 are decided together, labels end at once."""
    hours = np.arange(60) // 2
    spans = spans_of(start=hours, end=hours)
    split = Split(rows(0, 31), rows(31, 40))

    assert (0, SplitFault.FUTURE, 30, 1) in split_audit(spans, [split], is_walk_forward=True)
    assert split_audit(spans, [Split(rows(0, 30), rows(30, 40))], is_walk_forward=True) == ()


def test_copies_and_groups_on_both_sides_are_found():
    split = Split(rows(0, 16), rows(20, 30))
    content = np.arange(120.0).reshape(60, 2)
    content[5] = content[25]
    groups = np.arange(60)
    groups[[9, 27]] = 7

    assert split_audit(SPANS, [split], content=content) == ((0, SplitFault.SAME_CONTENT, 5, 1),)
    assert split_audit(SPANS, [split], groups=groups) == ((0, SplitFault.SAME_GROUP, 7, 2),)


def test_the_split_with_the_fault_is_named():
    good, bad = Split(rows(0, 16), rows(20, 30)), Split(rows(0, 20), rows(20, 30))

    assert [one.split for one in split_audit(SPANS, [good, bad, good])] == [1]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: split_audit(SPANS, [Split(rows(0, 0), rows(1, 2))]),
            "expected one train row or more, found none",
        ),
        (
            lambda: split_audit(SPANS, [Split(rows(0, 61), rows(1, 2))]),
            "expected train rows from 0 to 59, found 60",
        ),
        (
            lambda: split_audit(SPANS, [], groups=rows(0, 3)),
            "expected groups with 60 rows, found 3",
        ),
        (
            lambda: split_audit(SPANS, [], content=np.zeros((2, 2))),
            "expected content with 60 rows, found 2",
        ),
    ],
)
def test_splits_of_other_rows_are_refused(call, said):
    with pytest.raises(DataError, match=said):
        call()
