"""One journal kept open to be decided again; opened anew where it is another one, or has grown."""

from hfl.home import Home
from hfl.reading import Standpoint, open_reader
from hfl_journal.reader import JournalReader


class Followed:
    """Keeps a standpoint between questions. For one thread; every method may raise HflError."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._reader: JournalReader | None = None
        self._standpoint: Standpoint | None = None
        self._inode = 0
        self._last_run = 0
        self.generation = 0

    def standpoint(self, seq: int) -> Standpoint:
        """Return a standpoint that knows a row and its run."""
        path = self._home.journal.journal
        inode = path.stat().st_ino if path.exists() else 0
        reader = self._reader
        if reader is not None and (
            inode != self._inode or (reader.is_copy and seq > reader.last().seq)
        ):
            # A restored journal is another file, and a private copy does not follow.
            reader.close()
            reader = self._reader = None
        if reader is None:
            reader = self._reader = open_reader(self._home)
            self._inode, self._standpoint = inode, None
        newest = reader.last_before((1 << 62) - 1, "RunStarted")
        last_run = 0 if newest is None else newest.seq
        if self._standpoint is None or (last_run != self._last_run and seq >= last_run):
            self._standpoint = Standpoint(reader, self._home)
            self._last_run = last_run
            self.generation += 1
        return self._standpoint
