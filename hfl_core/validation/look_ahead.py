"""Whether something computed knows the future: change the future and look. Knows no formula."""

from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

import numpy as np

from hfl_core.domain.errors import DataError
from hfl_core.validation._chance import generator
from hfl_core.validation._checks import Array, Flags, count
from hfl_core.validation.perturbing import Way, perturbed
from hfl_core.validation.tables import Table, checked_table

World = Mapping[str, Table]
# A feature, an indicator, a label, the positions of a strategy: whatever turns tables into one.
Compute = Callable[[World], Table]

CUTS: Final = 24
# Sums of other lengths differ in the last bits, and nobody trades on those.
TOLERANCE: Final = 1e-9


class Peek(NamedTuple):
    """A column that changed when only later rows did.

    row: the first row found to change; at: its time; ahead: how far beyond what it may know it
    looked, at least, in the unit of known_at; cut: the time after which rows were changed.
    """

    feature: str
    row: int
    at: int
    ahead: int
    cut: int
    way: Way

    @property
    def told(self) -> str:
        """Return it as a sentence."""
        return (
            f"expected {self.feature} to know the past alone, found row {self.row} (at {self.at})"
            f" changing when rows after {self.cut} change ({self.way}): it looks {self.ahead} or"
            " more ahead"
        )


def look_ahead(
    compute: Compute,
    world: World,
    *,
    seed: int,
    horizon: Mapping[str, int] | None = None,
    keys: Collection[str] = (),
    ways: Collection[Way] = tuple(Way),
    cuts: int = CUTS,
) -> tuple[Peek, ...]:
    """Return the columns of compute(world) that know rows before they were known; empty if none.

    At each of `cuts` times, spread evenly over those of the world's rows, all rows known later are
    changed in each way, and what is used at or before that time must stay as it was, to 1e-9 of
    the column's size. horizon: by column, how far ahead it may look, in the unit of known_at: 0
    if it is not named, 24 for a label known 24 rows later, -1 for a decision that acts in
    the row it stands in before that row is over. keys: columns that name things (see perturbing).
    Proves a look-ahead; the absence of one only for the cuts and ways tried.
    Raises DataError if compute answers otherwise when asked twice, or columns do not fit.
    """
    named = {name: checked_table(name, table) for name, table in world.items()}
    base, again = _computed(compute, named), _computed(compute, named)
    latest = int(max(base.known_at.max(initial=0), again.known_at.max(initial=0)))
    for name in base.columns:
        if _first_change(base, again, name, until=latest) is not None:
            raise DataError(
                f"expected {name} to be the same when asked twice, found another: fix its seed"
            )
    unknown = sorted(set(horizon or {}) - set(base.columns))
    if unknown:
        raise DataError(
            f"expected horizons of {', '.join(base.columns)}, found {', '.join(unknown)}: name a"
            " computed column"
        )
    chance = generator(seed, "look-ahead")
    found: dict[str, Peek] = {}
    for cut in _cuts(named, cuts):
        for way in ways:
            other = {
                name: perturbed(table, cut, way=way, keys=keys, chance=chance)
                for name, table in named.items()
            }
            for peek in _peeks(
                base, _computed(compute, other), cut=cut, way=way, horizon=horizon or {}
            ):
                known = found.get(peek.feature)
                if known is None or (peek.row, -peek.ahead) < (known.row, -known.ahead):
                    found[peek.feature] = peek
    return tuple(found[name] for name in base.columns if name in found)


def _computed(compute: Compute, world: World) -> Table:
    """Return what is computed from a copy: one that writes into its input harms nobody."""
    copies = {
        name: Table(
            table.known_at.copy(), {title: one.copy() for title, one in table.columns.items()}
        )
        for name, table in world.items()
    }
    return checked_table("what was computed", compute(copies))


def _cuts(world: World, cuts: int) -> list[int]:
    """Return times with rows before and behind them, evenly spread over those that occur."""
    times = np.unique([at for table in world.values() for at in table.known_at.tolist()])
    if len(times) < 3:
        raise DataError(f"expected 3 times or more in the world, found {len(times)}: add data")
    wanted = count("cuts", cuts, at_least=1)
    places = np.unique(np.linspace(1, len(times) - 2, min(wanted, len(times) - 2)).astype(np.int64))
    return [int(times[place]) for place in places]


def _peeks(
    base: Table, other: Table, *, cut: int, way: Way, horizon: Mapping[str, int]
) -> list[Peek]:
    odd = sorted(set(base.columns) ^ set(other.columns))
    if odd:
        raise DataError(
            f"expected the same columns from any future, found {', '.join(odd)} in one alone:"
            " always compute all"
        )
    found = []
    for name in base.columns:
        may = horizon.get(name, 0)
        # Where rows are cut off, nothing stands behind the cut, whatever it may know.
        until = min(cut - may, cut) if way is Way.CUT else cut - may
        changed = _first_change(base, other, name, until=until)
        if changed is not None:
            row, at = changed
            found.append(Peek(name, row, at, cut + 1 - may - at, cut, way))
    return found


def _first_change(base: Table, other: Table, name: str, *, until: int) -> tuple[int, int] | None:
    """Return place and time of the first row up to a time that is not the same in both."""
    ours, theirs = (table.known_at <= until for table in (base, other))
    times, other_times = base.known_at[ours], other.known_at[theirs]
    size = min(len(times), len(other_times))
    is_same = _close(base.columns[name][ours][:size], other.columns[name][theirs][:size])
    changed = np.flatnonzero(~(is_same & (times[:size] == other_times[:size])))
    if len(changed):
        place = int(changed[0])
    elif len(times) != len(other_times):
        place = size
    else:
        return None
    at = times[place] if place < len(times) else other_times[place]
    return (int(np.flatnonzero(ours)[place]) if place < len(times) else place), int(at)


def _close(ours: Array, theirs: Array) -> Flags:
    scale = np.abs(ours[np.isfinite(ours)]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        is_close = np.abs(ours - theirs) <= TOLERANCE * scale
    return np.asarray(
        is_close | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)), dtype=np.bool_
    )
