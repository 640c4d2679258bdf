"""Many out-of-sample histories from one: combinatorial purged splits. Knows nothing of models."""

import itertools
import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._checks import Array, Rows, count, numbers, same_rows
from hfl_core.validation.purging import purged, required
from hfl_core.validation.spans import Spans, Split

SPLITS_MAX: Final = 20_000


class Combinatorial(NamedTuple):
    """splits: C(N, k) of them; groups: the N blocks of rows, in time order.

    paths: (C(N, k) * k / N, N) int64: which split judges a group on a path. Each path covers every
    row once, and each judgement of a group by a split stands on exactly one path.
    """

    splits: tuple[Split, ...]
    groups: tuple[Rows, ...]
    paths: Rows


def combinatorial_purged(
    spans: Spans, *, groups: int, test_groups: int, embargo: int = 0
) -> Combinatorial:
    """Return the splits that judge every choice of test_groups out of `groups` blocks of rows.

    Training is purged and embargoed (unit of spans) against each test block.
    Raises DataError unless 1 <= test_groups < groups <= rows, for more than SPLITS_MAX splits, an
    embargo below 0, or where nothing is left to learn from.
    Source: Lopez de Prado 2018, Advances in Financial Machine Learning, 12.3 and 12.4.
    """
    rows = len(spans.start)
    number = count("groups", groups, at_least=2, at_most=rows)
    chosen = count("test_groups", test_groups, at_least=1, at_most=number - 1)
    if math.comb(number, chosen) > SPLITS_MAX:
        raise DataError(
            f"expected {SPLITS_MAX} splits or fewer, found {math.comb(number, chosen)}:"
            " use fewer groups"
        )
    blocks = tuple(np.array_split(np.arange(rows, dtype=np.int64), number))
    splits, judges = [], [list[int]() for _ in blocks]
    for name, together in enumerate(itertools.combinations(range(number), chosen)):
        test = np.concatenate([blocks[group] for group in together])
        train = required(
            purged(spans, test, embargo=embargo), where=f"the split that judges groups {together}"
        )
        splits.append(Split(train, test))
        for group in together:
            judges[group].append(name)
    return Combinatorial(tuple(splits), blocks, np.array(judges, dtype=np.int64).T)


def along_paths(plan: Combinatorial, judged: Sequence[Array]) -> Array:
    """Return (paths, rows): what each path says of every row.

    judged: for each split the numbers of its test rows, in the order of split.test.
    Raises DataError if a split is missing or has another number of rows.
    """
    same_rows("judged", len(judged), len(plan.splits))
    rows = sum(len(block) for block in plan.groups)
    # (splits, rows) would be mostly empty: one column of numbers a split is looked up instead.
    checked = []
    for name, (split, values) in enumerate(zip(plan.splits, judged, strict=True)):
        array = numbers(f"judged[{name}]", values)
        same_rows(f"judged[{name}]", len(array), len(split.test))
        checked.append(array)
    found = np.empty((len(plan.paths), rows))
    for path, chosen in enumerate(plan.paths):
        for block, name in zip(plan.groups, chosen, strict=True):
            places = np.searchsorted(plan.splits[name].test, block)
            found[path, block] = checked[name][places]
    return found
