"""Raw rows of data sets that were opened, kept as packed bytes under their content hash.

A decision looked up years later needs some hundred bars: from here they are there at once (the
vendor library behind Parquet takes 0.1 s to load, a made-up market of 2,000 bars 0.2 s to make),
and even when the file has been moved. The folder may be deleted at any time; what is missing or
damaged is read from the data set itself.

A file `HASH-INDEX.rows` holds the rows of one track: a line with the format's name, then blocks
of `BLOCK_ROWS` rows (the last one shorter), 48 bytes a row as the content hash covers them, each
block followed by its CRC-32.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

from hfl_core.domain.instruments import Instrument, Timeframe
from hfl_data.rows import CHUNK_ROWS, ROW_BYTES, RawRow, Source, unpacked

FORMAT: Final = b"hfl-rows-1\n"
BLOCK_ROWS: Final = CHUNK_ROWS
KEPT_BYTES_MAX: Final = 1 << 30
HASH_LENGTH: Final = 32

_BLOCK_BYTES: Final = BLOCK_ROWS * ROW_BYTES
_PIECE_BYTES: Final = 512 * ROW_BYTES
_CRC: Final = struct.Struct("<I")
_SUFFIX: Final = ".rows"


def kept_file(folder: Path, content_hash: str, index: int) -> Path:
    """Return where the rows of a data set's track are kept."""
    return folder / f"{content_hash[:HASH_LENGTH]}-{index}{_SUFFIX}"


class Keeper:
    """Writes the rows of one pass over a data set, all tracks side by side.

    A disk that is full or read-only ends the keeping, never the pass: `write` and `finish` do not
    raise OSError. So does a data set above `KEPT_BYTES_MAX`.
    """

    def __init__(self, folder: Path, tracks: int) -> None:
        self._folder = folder
        self._left = KEPT_BYTES_MAX
        self._writers: list[_Writer] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for index in range(tracks):
                aside = folder / f"{os.getpid()}-{id(self):x}-{index}.part"
                self._writers.append(_Writer(aside))
        except OSError:
            self._give_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._give_up()

    def write(self, index: int, rows: bytes) -> None:
        """Add packed rows to a track."""
        if not self._writers:
            return
        self._left -= len(rows)
        if self._left < 0:
            self._give_up()
            return
        try:
            self._writers[index].write(rows)
        except OSError:
            self._give_up()

    def finish(self, content_hash: str) -> None:
        """Give the files their names; make room by removing the oldest of other data sets."""
        writers, self._writers = self._writers, []
        try:
            for index, writer in enumerate(writers):
                writer.close()
                writer.path.replace(kept_file(self._folder, content_hash, index))
            _make_room(self._folder, content_hash[:HASH_LENGTH])
        except OSError:
            self._writers = writers
            self._give_up()

    def _give_up(self) -> None:
        for writer in self._writers:
            writer.drop()
        self._writers = []


class _Writer:
    """One file under its temporary name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending = bytearray()
        self._file = path.open("wb")
        self._file.write(FORMAT)

    def write(self, rows: bytes) -> None:
        pending = self._pending
        pending += rows
        while len(pending) >= _BLOCK_BYTES:
            self._block(bytes(pending[:_BLOCK_BYTES]))
            del pending[:_BLOCK_BYTES]

    def close(self) -> None:
        if self._pending:
            self._block(bytes(self._pending))
        self._file.close()

    def drop(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written is dropped anyway
            self._file.close()
        self.path.unlink(missing_ok=True)

    def _block(self, rows: bytes) -> None:
        self._file.write(rows)
        self._file.write(_CRC.pack(zlib.crc32(rows)))


class KeptSource:
    """Implements `hfl_data.rows.Source` over a kept file.

    otherwise: opens the source itself, for when the file turns out to be damaged or gone.
    """

    def __init__(
        self, path: Path, instrument: Instrument, frame: Timeframe, otherwise: Callable[[], Source]
    ) -> None:
        self.instrument = instrument
        self.frame = frame
        self._path = path
        self._otherwise = otherwise

    def rows(self, start: int) -> Iterator[list[RawRow]]:
        """Yield the rows from number start on.

        Raises DataError when neither the kept file nor the source can be read.
        """
        at = start
        try:
            for chunk in self._blocks(start):
                at += len(chunk)
                yield chunk
        except (OSError, ValueError):
            yield from self._otherwise().rows(at)

    def _blocks(self, start: int) -> Iterator[list[RawRow]]:
        with self._path.open("rb") as file:
            skipped, inside = divmod(start, BLOCK_ROWS)
            file.seek(len(FORMAT) + skipped * (_BLOCK_BYTES + _CRC.size))
            while block := _next_block(file):
                # A decision looked up needs some hundred rows of the thousands of a block.
                for at in range(inside * ROW_BYTES, len(block), _PIECE_BYTES):
                    yield unpacked(block[at : at + _PIECE_BYTES])
                inside = 0


class Kept(NamedTuple):
    """One track of a data set that may be kept."""

    instrument: Instrument
    frame: Timeframe
    otherwise: Callable[[], Source]


def kept_sources(
    folder: Path, tracks: Sequence[Kept], *, content_hash: str, rows: int
) -> tuple[KeptSource, ...]:
    """Return the tracks' kept rows; empty unless all of a data set's `rows` are there."""
    paths = [kept_file(folder, content_hash, index) for index in range(len(tracks))]
    total = 0
    for path in paths:
        found = _rows_kept(path)
        if found is None:
            return ()
        total += found
    if total != rows:
        return ()
    return tuple(KeptSource(path, *track) for path, track in zip(paths, tracks, strict=True))


def _rows_kept(path: Path) -> int | None:
    """Return how many rows a kept file holds by its size; None when it is none."""
    try:
        with path.open("rb") as file:
            if file.read(len(FORMAT)) != FORMAT:
                return None
            size = os.fstat(file.fileno()).st_size - len(FORMAT)
    except OSError:
        return None
    blocks, rest = divmod(size, _BLOCK_BYTES + _CRC.size)
    if not rest:
        return blocks * BLOCK_ROWS
    rows, odd = divmod(rest - _CRC.size, ROW_BYTES)
    return None if odd or rows < 1 else blocks * BLOCK_ROWS + rows


def _next_block(file: BinaryIO) -> bytes:
    """Return the next block's rows, empty at the end. Raises ValueError when it is damaged."""
    data = file.read(_BLOCK_BYTES + _CRC.size)
    if not data:
        return b""
    rows, crc = data[: -_CRC.size], data[-_CRC.size :]
    if len(rows) % ROW_BYTES or _CRC.pack(zlib.crc32(rows)) != crc:
        raise ValueError("expected a whole block of rows, found a damaged one")
    return rows


def _make_room(folder: Path, own: str) -> None:
    """Remove the oldest files until `KEPT_BYTES_MAX` holds them; the data set just kept stays."""
    found = sorted(
        ((path.stat().st_mtime_ns, path.stat().st_size, path) for path in folder.iterdir()),
        reverse=True,
    )
    total = sum(size for _, size, path in found if path.name.startswith(own))
    for _, size, path in found:
        if path.name.startswith(own):
            continue
        total += size
        if total > KEPT_BYTES_MAX:
            path.unlink(missing_ok=True)
