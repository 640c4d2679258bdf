"""Where one journal and everything that belongs to it lives.

One name, `<mode>-<account>`, for all of its files.
"""

import re
from pathlib import Path
from typing import Final

from hfl_core.domain.errors import JournalError
from hfl_core.domain.values import Record

MODES: Final = ("backtest", "paper", "live")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SUFFIX: Final = ".sqlite"


class JournalPaths(Record, frozen=True, kw_only=True):
    """The files of one journal.

    directory: the journal, its head, lock and reserve; key_directory: `keys/` in the configuration
    directory, never beside the journal.
    """

    directory: Path
    key_directory: Path
    mode: str
    account: str

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise JournalError(
                f"expected a mode out of {', '.join(MODES)}, found {self.mode!r}: "
                "correct the mode in the configuration"
            )
        if not _ACCOUNT.fullmatch(self.account):
            raise JournalError(
                "expected an account name of 1 to 64 letters, digits, '_', '.' and '-', "
                f"found {self.account!r}: rename the account in the configuration"
            )

    @property
    def name(self) -> str:
        """Return `<mode>-<account>`."""
        return f"{self.mode}-{self.account}"

    @property
    def journal(self) -> Path:
        """Return the database's path."""
        return self.directory / f"{self.name}{_SUFFIX}"

    @property
    def head(self) -> Path:
        """Return the path of the keyed head, beside the database."""
        return head_path_of(self.journal)

    @property
    def lock(self) -> Path:
        """Return the path of the single writer's lock."""
        return self.directory / f"{self.name}.lock"

    @property
    def reserve(self) -> Path:
        """Return the path of the disk space kept back for the last rows before a stop."""
        return self.directory / f"{self.name}.reserve"

    @property
    def key(self) -> Path:
        """Return the path of the head's key."""
        return self.key_directory / f"{self.name}.key"


def head_path_of(journal: Path) -> Path:
    """Return where the head of a journal file or of a backup lies: beside it."""
    return journal.with_name(f"{journal.name.removesuffix(_SUFFIX)}.head.json")
