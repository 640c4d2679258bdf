"""Which journal a quick verb reads: the named account's, or the only one there is."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from hfl_config.paths import HomePaths, resolve
from hfl_core.domain.errors import ConfigError, JournalError

ACCOUNT_DEFAULT: Final = "main"
SUFFIX: Final = ".sqlite"


class Whereabouts(NamedTuple):
    """One account's place."""

    paths: HomePaths
    mode: str
    account: str

    @property
    def journal(self) -> Path:
        """Return the journal's file."""
        return Path(self.paths.journal) / f"{self.mode}-{self.account}{SUFFIX}"

    @property
    def board_file(self) -> str:
        """Return the board's file."""
        return self.paths.board_file(self.mode, self.account)


def find(override: str | None, account: str | None, mode: str = "paper") -> Whereabouts:
    """Resolve home and account. Raises ConfigError.

    Or JournalError when it is not clear which account is meant.
    """
    try:
        paths = resolve(os.environ, override)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if account is None:
        found = [
            name
            for name in _names(paths.journal)
            if name.startswith(f"{mode}-") and name.endswith(SUFFIX)
        ]
        names = sorted(
            name.removeprefix(f"{mode}-").removesuffix(SUFFIX)
            for name in found
            if ".replaced-" not in name
        )
        if len(names) > 1 and ACCOUNT_DEFAULT not in names:
            raise JournalError(
                f"expected one account, found {', '.join(names)}: choose with --account NAME"
            )
        account = names[0] if len(names) == 1 else ACCOUNT_DEFAULT
    return Whereabouts(paths, mode, account)


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []
