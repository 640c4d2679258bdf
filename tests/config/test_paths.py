"""Paths come from the environment alone, fit into sockets, and cost next to nothing to import."""

# The room under test speaks of paths as text.
# ruff: noqa: PTH120

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_config import paths as module
from hfl_config.paths import ROOMS, HomePaths, resolve

IMPORT_MS_MAX = 10.0


def test_one_home_holds_every_room():
    paths = resolve({"HFL_HOME": "/srv/bot", "XDG_CONFIG_HOME": "/elsewhere"})

    assert paths.config == "/srv/bot/config"
    assert paths.keys == "/srv/bot/config/keys"
    assert paths.latch == "/srv/bot/run/latch"
    assert paths.journal_file("paper", "main") == "/srv/bot/journal/paper-main.sqlite"
    assert {origin for _, _, origin in paths.origins()[: len(ROOMS)]} == {"HFL_HOME"}


def test_xdg_folders_are_used_without_a_home():
    paths = resolve({"HOME": "/home/ann", "XDG_DATA_HOME": "/big/share"})

    assert paths.config_file == "/home/ann/.config/hfl/config.toml"
    assert paths.keys == "/home/ann/.config/hfl/keys"
    assert paths.data == "/big/share/hfl/data"
    assert paths.run == "/home/ann/.local/state/hfl/run"
    assert paths.cache == "/home/ann/.cache/hfl"


def test_stops_are_found_from_a_shell_without_a_runtime_folder():
    """A stop typed from cron reaches the daemon of a desktop session, sockets included."""
    home = "/home/ann/" + "x" * 120
    desktop = resolve({"HOME": home, "XDG_RUNTIME_DIR": "/run/user/1000"})
    cron = resolve({"HOME": home})

    assert desktop == cron
    assert desktop.emergency_socket == cron.emergency_socket


def test_relative_xdg_variables_are_ignored():
    assert resolve({"HOME": "/h", "XDG_DATA_HOME": "data"}) == resolve({"HOME": "/h"})


def test_relative_home_variable_is_refused():
    with pytest.raises(ValueError, match="HFL_HOME as an absolute path, found 'here'"):
        resolve({"HFL_HOME": "here"})


def test_typed_home_wins_and_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    paths = resolve({"HFL_HOME": "/srv/bot"}, "here")

    assert paths.run == str(tmp_path / "here" / "run")


def test_result_does_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    environments = [
        {"HFL_HOME": "/srv/bot"},
        {"HOME": "/home/ann"},
        {"HFL_HOME": "~/bot", "HOME": "/h"},
    ]
    before = [resolve(env) for env in environments]
    monkeypatch.chdir(tmp_path)

    assert [resolve(env) for env in environments] == before


@given(st.text(alphabet="abc/é-. ", min_size=1, max_size=300))
def test_sockets_always_fit(tail: str):
    paths = resolve({"HFL_HOME": "/" + tail})
    sockets = [paths.emergency_socket, paths.api_socket, paths.venue_socket("a" * 32)]

    assert max(len(os.fsencode(socket)) for socket in sockets) <= 107
    assert len({os.path.dirname(socket) for socket in sockets}) == 1


def test_short_socket_folders_differ_by_home_and_are_announced():
    first = resolve({"HFL_HOME": "/srv/" + "a" * 120})
    second = resolve({"HFL_HOME": "/srv/" + "b" * 120})

    assert first.socket_dir != second.socket_dir
    assert "107 bytes" in {what: why for what, _, why in first.origins()}["sockets"]


@pytest.mark.parametrize("name", ["", "../x", "Main", "a b", "x" * 33, "a/b", "a.b"])
def test_names_that_could_leave_the_folder_are_refused(name: str):
    paths = resolve({"HFL_HOME": "/srv/bot"})

    with pytest.raises(ValueError, match="expected account as 1 to 32 characters"):
        paths.journal_file("paper", name)


def test_key_is_never_beside_the_journal():
    for env in ({"HFL_HOME": "/srv/bot"}, {"HOME": "/home/ann"}):
        paths = resolve(env)

        assert os.path.dirname(paths.key_file("paper", "main")) != paths.journal
        assert paths.key_file("paper", "main").startswith(paths.config)


def test_archive_may_be_on_another_disk():
    paths = resolve({"HFL_HOME": "/srv/bot"})

    assert paths.with_archive("/mnt/big").archive == "/mnt/big"
    assert paths.with_archive("/mnt/big").data == paths.data
    with pytest.raises(ValueError, match="absolute"):
        paths.with_archive("big")


def test_paths_cannot_be_changed():
    paths: HomePaths = resolve({"HFL_HOME": "/srv/bot"})

    with pytest.raises(AttributeError):
        paths.run = "/tmp"  # type: ignore[misc]


def test_module_imports_nothing_but_os():
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    } | {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}

    assert imported == {"__future__", "os"}


@pytest.mark.process
def test_import_takes_less_than_ten_milliseconds_and_loads_only_itself():
    code = (
        "import sys, time; before = set(sys.modules); start = time.process_time(); "
        "import hfl_config.paths; took = time.process_time() - start; "
        "print(took * 1000, *sorted(set(sys.modules) - before))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
        ).stdout.split()
        for _ in range(5)
    ]

    assert min(float(run[0]) for run in runs) < IMPORT_MS_MAX
    assert set(runs[0][1:]) <= {"__future__", "hfl_config", "hfl_config.paths"}
