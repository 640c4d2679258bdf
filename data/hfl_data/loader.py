"""Find a feed by the name of its file, without a registry; a third party's by entry point."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from hfl_core.domain.errors import DataError
from hfl_core.domain.events import DatasetOpened
from hfl_data import feeds
from hfl_data.dataset import DatasetFeed
from hfl_data.kept import Kept, kept_sources
from hfl_data.request import (
    FeedRequest,
    InstrumentsBy,
    identity_from_spec,
    instrument_of,
    request_from_spec,
)
from hfl_data.rows import Source

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS: Final = "hfl.feeds"

OpenFeed: TypeAlias = Callable[[FeedRequest], DatasetFeed]


def feed_names() -> tuple[str, ...]:
    """Return the names of all feeds that can be opened, sorted."""
    return tuple(sorted(_ours() | set(_theirs())))


def open_feed(request: FeedRequest) -> DatasetFeed:
    """Open the feed that request.source names.

    Raises DataError when there is none, or when it cannot be opened.
    """
    return _opener(request.source)(request)


def reopen_feed(
    opened: DatasetOpened, instruments: InstrumentsBy, *, kept: Path | None = None
) -> DatasetFeed:
    """Open a journaled data set again, with its marks, so that reading from a cursor is quick.

    kept: the folder of kept rows; a data set that is whole there is read from it, whatever became
    of its files, and a made-up market is not made again. That is for its rows: what else a feed may
    bring (headlines), only `open_feed` brings. Nothing is compared: `check_continues` does that.
    Raises DataError when it cannot be opened.
    """
    request = request_from_spec(opened.spec, instruments, kept=kept)
    if kept is not None:
        tracks = _tracks(opened.spec, request)
        sources = kept_sources(kept, tracks, content_hash=opened.content_hash, rows=opened.rows)
        if sources:
            return DatasetFeed(request, sources)
    return open_feed(request)


def _tracks(spec: str, request: FeedRequest) -> list[Kept]:
    """Return the tracks of a spec, each with how to open its source."""
    identity = identity_from_spec(spec)
    return [
        Kept(
            instrument_of(request, symbol, asset_class),
            identity.frame,
            partial(_source_at, request, index),
        )
        for index, (symbol, asset_class) in enumerate(
            zip(identity.symbols, identity.classes, strict=True)
        )
    ]


def _source_at(request: FeedRequest, index: int) -> Source:
    return open_feed(request).sources[index]


def _opener(name: str) -> OpenFeed:
    if name in _ours():
        module = importlib.import_module(f"{feeds.__name__}.{name}")
        return cast("OpenFeed", module.open_feed)
    if name in (theirs := _theirs()):
        return cast("OpenFeed", theirs[name].load())
    raise DataError(f"expected a feed among {', '.join(feed_names())}, found {name!r}: choose one")


def _ours() -> set[str]:
    modules = pkgutil.iter_modules(feeds.__path__)
    return {module.name for module in modules if not module.name.startswith("_")}


def _theirs() -> "dict[str, EntryPoint]":
    # 30 ms to import, and rarely needed.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
