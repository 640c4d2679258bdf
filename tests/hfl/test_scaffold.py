"""`new-strategy` writes a strategy that loads and a test that passes, and never overwrites."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from hfl.plugins import load_strategy, strategy_names
from hfl.scaffold import new_strategy
from hfl_core.domain.errors import ConfigError


def test_a_new_strategy_loads_under_its_name(tmp_path):
    source, test = new_strategy("my_first", tmp_path / "home")

    assert source == tmp_path / "home/strategies/my_first.py"
    assert test == tmp_path / "home/strategies/tests/test_my_first.py"
    loaded = load_strategy("my_first", {"window": 30}, (source.parent,))
    assert loaded.origin == "user"
    assert source.read_text(encoding="utf-8").startswith('"""my_first: long while')


def test_every_generated_test_passes_in_this_process(tmp_path):
    _, test = new_strategy("my_first", tmp_path)
    names = runpy.run_path(str(test))
    checks = [value for name, value in names.items() if name.startswith("test_")]
    for check in checks:
        check()

    assert len(checks) == 4


@pytest.mark.parametrize(
    ("healthy", "planted", "caught_by"),
    [
        ("return ABOVE", "return None", "test_a_stance_is_taken_and_left_again"),
        (
            "score=distance / 2.0",
            "score=distance * __import__('time').perf_counter_ns()",
            "test_asked_twice_it_says_the_same",
        ),
    ],
)
def test_generated_tests_catch_what_they_are_for(tmp_path, healthy, planted, caught_by):
    source, test = new_strategy("my_first", tmp_path)
    text = source.read_text(encoding="utf-8")
    assert healthy in text
    source.write_text(
        text.replace(healthy, planted).replace(
            "evidence(\n            score", "Evidence(\n            score"
        ),
        encoding="utf-8",
    )
    names = runpy.run_path(str(test))

    with pytest.raises(AssertionError):
        names[caught_by]()


@pytest.mark.process
def test_the_generated_test_passes_under_pytest(tmp_path):
    _, test = new_strategy("my_first", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1st",
        "My",
        "a-b",
        "../x",
        "a/b",
        "a.b",
        "class",
        "base",
        "rehearsal",
        "x" * 65,
        "_a",
        "ü",
    ],
)
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="expected a name of small letters") as refused:
        new_strategy(name, tmp_path)

    assert repr(name) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(strategy_names()))
def test_a_shipped_name_is_taken(tmp_path, name):
    with pytest.raises(ConfigError, match=f"expected a new name, found '{name}'"):
        new_strategy(name, tmp_path)


@pytest.mark.parametrize("there", ["strategies/mine.py", "strategies/tests/test_mine.py"])
def test_nothing_is_ever_overwritten(tmp_path, there):
    path = tmp_path / there
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"to be free, found it there already"):
        new_strategy("mine", tmp_path)

    assert path.read_text(encoding="utf-8") == "mine"
    assert [p for p in tmp_path.rglob("*.py") if p != path] == []


def test_a_dangling_link_is_not_written_through(tmp_path):
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies/mine.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(ConfigError, match="to be free"):
        new_strategy("mine", tmp_path)

    assert not (tmp_path / "elsewhere.py").exists()


def test_a_home_that_cannot_be_written_is_said_in_one_sentence_and_leaves_nothing(tmp_path):
    home = tmp_path / "home"
    home.write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"expected to write .* found Not a directory") as refused:
        new_strategy("mine", home)

    assert "\n" not in str(refused.value)


def test_half_a_write_is_taken_back(tmp_path, monkeypatch):
    opened = Path.open

    def full_disk(path, mode="r", **kwargs):
        if path.name == "test_mine.py":
            raise OSError(28, "No space left on device")
        return opened(path, mode, **kwargs)

    monkeypatch.setattr(Path, "open", full_disk)
    with pytest.raises(ConfigError, match="found No space left on device"):
        new_strategy("mine", tmp_path)

    assert list(tmp_path.rglob("*.py")) == []
