"""Write a new strategy with its test into the user's folder, from the shipped template."""

import keyword
from importlib.resources import files
from pathlib import Path
from typing import Final

from hfl.plugins import NAME, PACKAGE, RESERVED, strategy_names
from hfl_core.domain.errors import ConfigError

TEMPLATE_HEAD: Final = '"""A minimal strategy to copy: long'
TEST_TEMPLATE: Final = '''"""The promises of {name}, on seeded bars. Run it with pytest."""

import math
import random
from pathlib import Path

from hfl.plugins import load_strategy
from hfl_core.strategies.rehearsal import Bar, rehearse

FOLDER = Path(__file__).resolve().parent.parent
STRATEGY = load_strategy("{name}", {{}}, (FOLDER,)).strategy


def seeded_bars(seed: int, count: int = 600) -> list[Bar]:
    """Return bars of a market that drifts up, sideways and down by turns."""
    rng = random.Random(seed)
    bars, close = [], 100.0
    for row in range(count):
        before = close
        close *= math.exp(rng.gauss((0.002, 0.0, -0.002)[row // 100 % 3], 0.01))
        spread = before * rng.random() / 200
        high, low = max(before, close) + spread, min(before, close) - spread
        bars.append(Bar(before, high, low, close, 1.0))
    return bars


def test_a_stance_is_taken_and_left_again():
    moments = [moment for seed in range(5) for moment in rehearse(STRATEGY, seeded_bars(seed))]
    stances = {{moment.view.position for moment in moments}}

    assert 0 in stances
    assert stances & {{1, -1}}


def test_nothing_hangs_on_what_comes_later():
    bars = seeded_bars(1)
    whole = rehearse(STRATEGY, bars)
    for count in range(100, len(bars), 50):
        changed = bars[:count] + [Bar(1.0, 2.0, 0.5, 1.5)] * 50

        assert rehearse(STRATEGY, changed)[: count - whole[0].row] == whole[: count - whole[0].row]


def test_asked_twice_it_says_the_same():
    for moment in rehearse(STRATEGY, seeded_bars(2)):
        assert STRATEGY.scan(moment.view) is moment.candidate
        if moment.evidence is not None:
            assert STRATEGY.signal(moment.view, moment.candidate) == moment.evidence


def test_every_figure_is_a_number_within_its_range():
    for seed in range(5):
        for moment in rehearse(STRATEGY, seeded_bars(seed)):
            if moment.evidence is None:
                continue
            assert -1.0 <= moment.evidence.score <= 1.0
            assert 0.0 <= moment.evidence.confidence <= 1.0
            assert moment.evidence.stop_distance >= 0.0
            assert moment.evidence.rationale
            assert all(math.isfinite(value) for _, value in moment.evidence.numbers)
'''


def new_strategy(name: str, home: Path) -> tuple[Path, Path]:
    """Write home/strategies/NAME.py and home/strategies/tests/test_NAME.py; return both paths.

    Raises ConfigError with one sentence for a name that is no name, is taken, or a file that is
    there already or cannot be written. Nothing is ever overwritten.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name in RESERVED:
        raise ConfigError(
            "expected a name of small letters, digits and _ that begins with a letter (at most 64,"
            f" no word of Python), found {name!r}: choose another"
        )
    if name in strategy_names():
        raise ConfigError(
            f"expected a new name, found {name!r}, a strategy that exists: choose another"
        )
    folder = home / "strategies"
    paths = folder / f"{name}.py", folder / "tests" / f"test_{name}.py"
    texts = _template(name), TEST_TEMPLATE.format(name=name)
    for path in paths:
        if path.exists() or path.is_symlink():
            raise ConfigError(
                f"expected {path} to be free, found it there already: choose another name, or"
                " remove it yourself"
            )
    written: list[Path] = []
    try:
        paths[1].parent.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts, strict=True):
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise ConfigError(
            f"expected to write {paths[0]} and its test, found {error.strerror or error}:"
            " make room or correct the rights"
        ) from error
    return paths


def _template(name: str) -> str:
    text = files(PACKAGE).joinpath("_template.py").read_text(encoding="utf-8")
    assert text.startswith(TEMPLATE_HEAD)
    return text.replace(TEMPLATE_HEAD, f'"""{name}: long', 1)
