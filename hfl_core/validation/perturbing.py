"""Other futures behind one past. Knows nothing of what is computed from them."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

import numpy as np

from hfl_core.validation._checks import Array, Flags
from hfl_core.validation.tables import Table

NOISE: Final = 0.3
JUMP: Final = 50.0


class Way(StrEnum):
    """What becomes of the rows that were not known yet.

    CUT: they are not there. NOISE: each row is scaled by a factor of its own. SHUFFLE: they trade
    places as whole rows. JUMP, CRASH: all are fifty times as large, or as small. HOLD: all are
    like the last known row.
    """

    CUT = "cut"
    NOISE = "noise"
    SHUFFLE = "shuffle"
    JUMP = "jump"
    CRASH = "crash"
    HOLD = "hold"


def perturbed(
    table: Table, cut: int, *, way: Way, keys: Collection[str], chance: np.random.Generator
) -> Table:
    """Return a copy in which every row known after `cut` is another, or none.

    keys: columns that name things instead of measuring them; they trade places with their rows, but
    are neither scaled nor held.
    """
    later = table.known_at > cut
    if way is Way.CUT:
        columns = {name: values[~later].copy() for name, values in table.columns.items()}
        return Table(table.known_at[~later].copy(), columns)
    places = np.arange(len(later))
    factor = np.ones(len(later))
    match way:
        case Way.NOISE:
            factor[later] = np.exp(NOISE * chance.standard_normal(int(later.sum())))
        case Way.SHUFFLE:
            places[later] = chance.permutation(places[later])
        case Way.JUMP:
            factor[later] = JUMP
        case Way.CRASH:
            factor[later] = 1.0 / JUMP
        case Way.HOLD:
            pass
    columns = {}
    for name, values in table.columns.items():
        if name in keys:
            columns[name] = values[places]
        elif way is Way.HOLD:
            columns[name] = _held(values, later, table)
        else:
            columns[name] = values[places] * factor
    return Table(table.known_at.copy(), columns)


def _held(values: Array, later: Flags, table: Table) -> Array:
    found = values.copy()
    known = np.flatnonzero(~later)
    if len(known):
        found[later] = values[known[np.argmax(table.known_at[known])]]
    return found
