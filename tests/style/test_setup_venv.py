"""Setting up: once, again only when the lock or the Python changed, and never with a traceback."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.style import tree

SCRIPT = tree.ROOT / "tools" / "setup_venv.py"


@pytest.fixture
def setup_venv() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_venv", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Return a folder that looks like an environment."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return tmp_path / "venv"


def test_fingerprint_follows_the_lock(setup_venv: ModuleType, tmp_path: Path):
    one, two = tmp_path / "one.lock", tmp_path / "two.lock"
    one.write_text("a==1\n")
    two.write_text("a==2\n")

    assert setup_venv.fingerprint(one) == setup_venv.fingerprint(one)
    assert setup_venv.fingerprint(one) != setup_venv.fingerprint(two)


def test_nothing_is_done_when_up_to_date(
    setup_venv: ModuleType, venv: Path, tmp_path: Path, capsys
):
    lock = tmp_path / "x.lock"
    lock.write_text("nothing-that-exists==1\n")
    (venv / "hfl-setup.json").write_text(json.dumps({"core": setup_venv.fingerprint(lock)}))
    setup_venv.setup("core", venv, lock)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "not json", "[]"])
def test_a_broken_stamp_means_not_set_up(setup_venv: ModuleType, venv: Path, text: str):
    (venv / "hfl-setup.json").write_text(text)

    assert setup_venv.read_stamp(venv) == {}


def test_a_python_without_pip_is_told_what_to_install(
    setup_venv: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(setup_venv.importlib.util, "find_spec", lambda name: name == "venv" or None)
    with pytest.raises(setup_venv.SetupError, match=r"Expected pip or ensurepip.*python3-venv"):
        setup_venv.create(tmp_path / "venv")


def test_an_old_python_is_told_so(setup_venv: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(setup_venv, "PYTHON_MIN", (99, 0))
    with pytest.raises(setup_venv.SetupError, match=r"Expected Python 99.0 or newer, found 3\."):
        setup_venv.check_python()


@pytest.mark.process
def test_a_package_that_cannot_be_had_ends_in_one_message(tmp_path: Path):
    """The lock names a package whose hash nothing can match; pip is kept off every index."""
    lock = tmp_path / "bad.lock"
    lock.write_text(f"nothing-that-exists==1 --hash=sha256:{'0' * 64}\n")
    command = [
        sys.executable,
        str(SCRIPT),
        "core",
        "--venv",
        str(tmp_path / "v"),
        "--lock",
        str(lock),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PATH": "/usr/bin:/bin"},
    )

    assert done.returncode == 1
    assert "Expected installing bad.lock to succeed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "v" / "hfl-setup.json").exists()
