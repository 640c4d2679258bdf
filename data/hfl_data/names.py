"""Read symbol, timeframe and asset class from a path: `<class>/<SYMBOL>_<timeframe>.<ext>`."""

from pathlib import PurePath
from typing import NamedTuple

from hfl_core.domain.errors import DataError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.instruments import AssetClass, Timeframe, timeframe


class FileName(NamedTuple):
    """What a path says of its content."""

    symbol: Symbol
    frame: Timeframe
    asset_class: AssetClass


def read_name(path: str, asset_class: AssetClass | None) -> FileName:
    """Return what the path says; asset_class stands in where the folder names no class.

    Raises DataError when symbol, timeframe or class cannot be told.
    """
    parts = PurePath(path)
    symbol, _, frame_name = parts.stem.rpartition("_")
    if not symbol:
        raise DataError(
            f"expected a file named SYMBOL_TIMEFRAME such as BTC-USDT_1h{parts.suffix}, "
            f"found {parts.name!r}: rename the file"
        )
    try:
        frame = timeframe(frame_name)
    except ValueError as error:
        raise DataError(f"{parts.name!r}: {error}: rename the file") from error
    folder = parts.parent.name
    if folder in set(AssetClass):
        return FileName(Symbol(symbol), frame, AssetClass(folder))
    if asset_class is None:
        classes = ", ".join(AssetClass)
        raise DataError(
            f"expected {parts.name!r} in a folder named after its class ({classes}), "
            f"found {folder!r}: pass --class, or move the file"
        )
    return FileName(Symbol(symbol), frame, asset_class)
