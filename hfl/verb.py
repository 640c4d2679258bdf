"""How a verb is run.

Its parser, the common options, and its failures as one sentence and an exit code.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from hfl_core.domain.errors import (
    BrokerError,
    ConfigError,
    ControlError,
    DataError,
    HflError,
    JournalError,
)

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
DATA: Final = 3
JOURNAL: Final = 4
BROKER: Final = 5
CONTROL: Final = 6
NOT_FOUND: Final = 7
DIFFERENT: Final = 8
INTERRUPTED: Final = 130

CODES: Final[tuple[tuple[type[HflError], int], ...]] = (
    (ConfigError, USAGE),
    (DataError, DATA),
    (JournalError, JOURNAL),
    (BrokerError, BROKER),
    (ControlError, CONTROL),
    (HflError, FAILED),
)


def run_verb(verb: str, module_name: str, words: Sequence[str]) -> int:
    """Parse a verb's words, run it and return the exit code."""
    module: ModuleType = importlib.import_module(f"hfl.commands.{module_name}")
    parser = argparse.ArgumentParser(
        prog=f"hfl {verb}",
        description=module.__doc__,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--home", metavar="DIR", help="the installation (default: HFL_HOME, else XDG)"
    )
    module.add_arguments(parser, verb)
    try:
        return int(module.run(parser.parse_args(list(words)), verb))
    except SystemExit as ended:
        return int(ended.code or 0) if not isinstance(ended.code, str) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except HflError as error:
        sys.stderr.write(f"hfl: {error}\n")
        return next(code for kind, code in CODES if isinstance(error, kind))
    # The last edge: a person gets one sentence, the details go to a file.
    except Exception as error:  # noqa: BLE001
        sys.stderr.write(_unforeseen(verb, error))
        return FAILED


def _formatter(prog: str) -> argparse.HelpFormatter:
    # argparse makes one for every option; finding the width by itself it imports 3 ms of archives.
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size().columns
    except (OSError, ValueError):
        columns = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=columns - 2)


def _unforeseen(verb: str, error: Exception) -> str:
    """Return one sentence about a failure nobody foresaw, and keep its traceback in a file."""
    # 17 ms to import, for what should never happen.
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    said = f"hfl: expected `hfl {verb}` to work, found {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="hfl-failure-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError:
        return f"{said}\n{text}"
    return f"{said}: the details are in {file.name}\n"


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose one journal."""
    parser.add_argument("--account", metavar="NAME", help="the account (default: as configured)")
    parser.add_argument(
        "--mode", default="paper", choices=("paper", "backtest"), help=argparse.SUPPRESS
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", dest="is_json", help="one JSON document")
