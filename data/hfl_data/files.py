"""Open one source per file and make a data set of them: what all file feeds share."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_data.dataset import DatasetFeed
from hfl_data.names import read_name
from hfl_data.request import FeedRequest, instrument_of
from hfl_data.rows import Source

COLUMNS = ("ts", "open", "high", "low", "close", "volume")

OpenSource: TypeAlias = Callable[[Path, Instrument, Timeframe], Source]


def open_files(request: FeedRequest, open_source: OpenSource) -> DatasetFeed:
    """Open every path of the request.

    Raises DataError when one is missing, badly named or not what open_source reads.
    """
    if not request.paths:
        raise DataError("expected at least one file, found none: pass --path")
    sources = []
    for path in request.paths:
        name = read_name(path, request.asset_class)
        if not Path(path).is_file():
            raise DataError(f"expected a file at {path}, found none: check the path")
        instrument = instrument_of(request, name.symbol, name.asset_class)
        sources.append(open_source(Path(path), instrument, name.frame))
    return DatasetFeed(request, sources)


def check_columns(path: Path, found: tuple[str, ...]) -> None:
    """Raise DataError unless all columns of a bar are there."""
    if missing := [column for column in COLUMNS if column not in found]:
        raise DataError(
            f"expected columns {', '.join(COLUMNS)} in {path}, found no {', '.join(missing)}: "
            "rename or add them"
        )
