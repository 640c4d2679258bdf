"""What a feed is asked for, and the canonical JSON that rebuilds it.

The JSON (`DatasetOpened.spec`) holds source, paths as given, the class that was passed, parameters,
timeframe, symbols and classes, and the data set's marks (see dataset.py).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Instrument, Timeframe, timeframe
from hfl_core.domain.values import Record
from hfl_data.rows import Source
from hfl_data.track import Place

InstrumentsBy: TypeAlias = Mapping[str, Instrument] | Callable[[Symbol, AssetClass], Instrument]

DATASET_ID_LENGTH: Final = 12


class Mark(NamedTuple):
    """A place in the merged rows from which reading can begin.

    cursor: the end of a slot; places: one a track; digest: the first 16 hexadecimal digits of the
    prefix hash there.
    """

    cursor: int
    places: tuple[Place, ...]
    digest: str


class FeedRequest(Record, frozen=True, kw_only=True):
    """What to open.

    paths: files, in instrument order; asset_class: for files whose folder names none; parameters:
    texts by name, for feeds without files; marks: from an earlier opening of the same data set;
    kept: the folder where rows are kept (see kept.py), None to keep none.
    """

    source: str
    instruments: InstrumentsBy
    paths: tuple[str, ...] = ()
    asset_class: AssetClass | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
    kept: Path | None = None


def instrument_of(request: FeedRequest, symbol: Symbol, asset_class: AssetClass) -> Instrument:
    """Return the caller's instrument for a symbol.

    Raises DataError when the mapping has none.
    """
    if not isinstance(request.instruments, Mapping):
        return request.instruments(symbol, asset_class)
    found = request.instruments.get(symbol)
    if found is None:
        known = ", ".join(sorted(request.instruments)) or "none"
        raise DataError(
            f"expected an instrument for {symbol}, found {known}: add it to instruments.toml"
        )
    return found


def spec_of(request: FeedRequest, sources: Sequence[Source], marks: Sequence[Mark]) -> str:
    """Return the canonical JSON that rebuilds the data set."""
    return _canonical(
        {
            **_identity(request, sources),
            "paths": request.paths,
            "class": request.asset_class,
            "marks": [(mark.cursor, mark.places, mark.digest) for mark in marks],
        }
    )


def dataset_id_of(request: FeedRequest, sources: Sequence[Source]) -> str:
    """Return a short hash of what the data set is, wherever and however long its files are."""
    identity = _canonical(_identity(request, sources)).encode()
    return hashlib.sha256(identity).hexdigest()[:DATASET_ID_LENGTH]


def request_from_spec(
    spec: str, instruments: InstrumentsBy, *, kept: Path | None = None
) -> FeedRequest:
    """Return the request that a journaled spec describes.

    Raises DataError when it is not one.
    """
    try:
        fields = json.loads(spec)
        return FeedRequest(
            source=str(fields["source"]),
            instruments=instruments,
            kept=kept,
            paths=tuple(str(path) for path in fields["paths"]),
            asset_class=None if fields["class"] is None else AssetClass(fields["class"]),
            parameters=tuple(
                (str(name), str(value)) for name, value in sorted(fields["parameters"].items())
            ),
            marks=tuple(
                Mark(int(cursor), tuple(Place(*place) for place in places), str(digest))
                for cursor, places, digest in fields["marks"]
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_spec(spec) from error


class Identity(NamedTuple):
    """What a journaled spec says of the tracks, in index order."""

    frame: Timeframe
    symbols: tuple[Symbol, ...]
    classes: tuple[AssetClass, ...]


def identity_from_spec(spec: str) -> Identity:
    """Return what the tracks of a journaled spec are. Raises DataError when it is not one."""
    try:
        fields = json.loads(spec)
        return Identity(
            frame=timeframe(str(fields["timeframe"])),
            symbols=tuple(Symbol(str(symbol)) for symbol in fields["symbols"]),
            classes=tuple(AssetClass(name) for name in fields["classes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_spec(spec) from error


def _no_spec(spec: str) -> DataError:
    return DataError(
        f"expected the spec of a data set as journaled, found {spec[:80]!r}: "
        "run `hfl journal verify`"
    )


def _identity(request: FeedRequest, sources: Sequence[Source]) -> dict[str, object]:
    return {
        "source": request.source,
        "parameters": dict(request.parameters),
        "timeframe": sources[0].frame.name,
        "symbols": [source.instrument.symbol for source in sources],
        "classes": [source.instrument.asset_class for source in sources],
    }


def _canonical(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
