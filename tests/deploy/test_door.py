"""The one command of a restricted key: its verbs, and nothing else, whatever is typed."""

import subprocess

import pytest

from tests.style import tree

DOOR = tree.ROOT / "deploy" / "ssh" / "hfl-door.sh"


@pytest.fixture
def door(tmp_path):
    """Return a function that knocks; what `hfl` was called with comes back."""
    told = tmp_path / "told"
    fake = tmp_path / "hfl"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n')
    fake.chmod(0o755)

    def knock(*verbs, asked=None, client="192.0.2.7 50000 22"):
        told.unlink(missing_ok=True)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SSH_CLIENT": client}
        if asked is not None:
            environment["SSH_ORIGINAL_COMMAND"] = asked
        done = subprocess.run(
            [str(DOOR), *verbs], env=environment, capture_output=True, text=True, check=False
        )
        return done, told.read_text().splitlines() if told.exists() else None

    return knock


def test_without_a_command_the_first_verb_runs(door):
    done, called = door("tui", "status", "pause")

    assert (done.returncode, called) == (0, ["tui"])


def test_a_verb_of_the_list_runs_and_a_stop_says_where_it_came_from(door):
    assert door("tui", "pause", asked="hfl pause")[1] == [
        "pause", "--reason", "over ssh from 192.0.2.7",
    ]  # fmt: skip
    assert door("tui", "status", asked="hfl status")[1] == ["status"]


@pytest.mark.parametrize(
    "asked",
    [
        "hfl kill",
        "id",
        "hfl status; id",
        "hfl status --home /etc",
        "$(id)",
        "hfl pause\nid",
        "hfl  pause",
        " hfl pause",
        "hfl",
        "hfl *",
        "hfl tui status pause",
    ],
)
def test_everything_else_is_refused_in_one_sentence_and_runs_nothing(door, asked):
    done, called = door("tui", "status", "pause", asked=asked)

    assert (done.returncode, called) == (2, None)
    assert done.stderr.startswith("hfl: expected one of: tui status pause")
    assert done.stderr.count("\n") == 1
    # What was typed is not shown again: it may hold a terminal's control characters.
    assert done.stderr == door("tui", "status", "pause", asked="other")[0].stderr
    assert done.stdout == ""


def test_an_empty_list_lets_nothing_in(door):
    done, called = door(asked="hfl kill")

    assert (done.returncode, called) == (2, None)
