"""One installation's rooms, and the journal of one account in them."""

import os
from pathlib import Path

from hfl_config.paths import HomePaths, resolve
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.values import Record
from hfl_journal.paths import JournalPaths


class Home(Record, frozen=True, kw_only=True):
    """Where everything of one account is."""

    paths: HomePaths
    mode: str
    account: str

    @property
    def journal(self) -> JournalPaths:
        """Return the journal's files."""
        return JournalPaths(
            directory=Path(self.paths.journal),
            key_directory=Path(self.paths.keys),
            mode=self.mode,
            account=self.account,
        )

    @property
    def board_file(self) -> str:
        """Return the board's path."""
        return self.paths.board_file(self.mode, self.account)

    @property
    def lock_file(self) -> str:
        """Return the daemon's lock."""
        return self.paths.lock_file(self.mode, self.account)

    @property
    def spool_file(self) -> str:
        """Return where a panic writes what it did."""
        return self.paths.spool_file(self.mode, self.account)

    @property
    def kept_rows(self) -> Path:
        """Return the folder of rows kept of data sets; it may be deleted at any time."""
        return Path(self.paths.cache) / "rows"

    @property
    def strategy_folders(self) -> tuple[Path, ...]:
        """Return where the user's own strategies are, if the folder exists."""
        folder = Path(self.paths.strategies)
        return (folder,) if folder.is_dir() else ()


def home_paths(override: str | None) -> HomePaths:
    """Resolve the rooms from the environment. Raises ConfigError."""
    try:
        return resolve(os.environ, override)
    except ValueError as error:
        raise ConfigError(str(error)) from error
