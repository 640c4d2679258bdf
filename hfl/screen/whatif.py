"""`hfl whatif` asked from the screen, in a process of its own: it may be long, and be given up."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hfl.whereabouts import Whereabouts
from hfl_core.domain.errors import ConfigError
from hfl_tui.ports import Section, Told

LOOK_S: Final = 0.1
ENTRY: Final = "import sys; from hfl.cli import main; sys.exit(main())"
PREFIX: Final = "hfl: "


def words_of(text: str) -> list[str]:
    """Return the options that a typed text stands for: KEY=VALUE, and --run RUN, between spaces.

    Raises ConfigError with one sentence.
    """
    try:
        typed = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"expected KEY=VALUE, found {text!r}: close the quotation") from error
    words: list[str] = []
    at = 0
    while at < len(typed):
        word = typed[at]
        if word == "--run" and at + 1 < len(typed):
            words += ["--run", typed[at + 1]]
            at += 1
        elif "=" in word and not word.startswith("-"):
            words += ["--set", word]
        elif word != "--set":
            raise ConfigError(
                f"expected KEY=VALUE, found {word!r}: write for example risk.limits.positions_max=2"
            )
        at += 1
    if not words:
        raise ConfigError("expected KEY=VALUE, found nothing: say what shall be different")
    return words


def answer(where: Whereabouts, text: str, is_wanted: Callable[[], bool]) -> Told:
    """Ask and return the answer; end the question when nobody wants it. Raises HflError."""
    words = words_of(text)
    command = [
        sys.executable, "-P", "-c", ENTRY, "whatif", *words, *_home(where),
        "--account", where.account, "--mode", where.mode,
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603 - our own interpreter and verb, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        while True:
            try:
                out, err = child.communicate(timeout=LOOK_S)
                break
            except subprocess.TimeoutExpired:
                if not is_wanted():
                    child.kill()
    told = out.decode(errors="replace").strip()
    said = err.decode(errors="replace").strip()
    if child.returncode and not told:
        sentence = said.splitlines()[-1] if said else f"it ended with {child.returncode}"
        raise ConfigError(sentence.removeprefix(PREFIX))
    rows = tuple(line.rstrip() for line in told.splitlines())
    return Told(headline=" ".join(words), sections=(Section(title="What if", rows=rows),))


def _home(where: Whereabouts) -> list[str]:
    """Return the option for a home in one folder; otherwise the environment says it again."""
    home = Path(where.paths.journal).parent
    return ["--home", str(home)] if Path(where.paths.config).parent == home else []
