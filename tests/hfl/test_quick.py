"""`hfl kill` and `hfl pause` on their standard-library path."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hfl import quick
from hfl_config import paths
from hfl_core.control import ladder
from hfl_core.gateway import latch_files


@pytest.fixture
def home(tmp_path):
    home = paths.resolve({"HFL_HOME": str(tmp_path)})
    latch_files.prepare(home.latch)
    return home


def run(home, *words):
    return quick.main(words, {"HFL_HOME": home.run.removesuffix("/run"), "USER": "me"})


@pytest.mark.parametrize(("verb", "level"), [("kill", "kill"), ("pause", "reduce_only")])
def test_verb_without_a_daemon_latches_its_level_and_says_so(home, capsys, verb, level):
    code = run(home, verb, "--reason", "bad feeling", "--request-id", "r1")

    assert code == ladder.DONE
    assert latch_files.read(home.latch).stops == ((level, "r1"),)
    content = json.loads(Path(home.latch, f"{level}-r1").read_text())
    assert (content["reason"], content["actor"]) == ("bad feeling", "cli:me")
    shown = capsys.readouterr().out
    assert "no daemon is running" in shown
    assert " ms" in shown


def test_json_is_one_object_that_says_everything(home, capsys):
    code = run(home, "kill", "--json", "--request-id=r2")

    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == code == ladder.DONE
    assert answer["latched"] is True
    assert answer["request_id"] == "r2"
    assert [step["event"] for step in answer["steps"]] == ["latched", "no_daemon", "unchecked"]


def test_same_request_twice_is_one_stop(home, capsys):
    run(home, "pause", "--request-id", "r3")
    code = run(home, "pause", "--request-id", "r3")

    assert code == ladder.DONE
    assert latch_files.read(home.latch).ids == ("r3",)
    assert "already set" in capsys.readouterr().out


def test_two_kills_without_id_are_two_stops(home, capsys):
    run(home, "kill")
    run(home, "kill")

    assert len(latch_files.read(home.latch).ids) == 2


def test_home_option_wins_over_the_environment(home, tmp_path, capsys):
    other = paths.resolve({}, str(tmp_path / "other"))
    latch_files.prepare(other.latch)

    run(home, "kill", "--home", str(tmp_path / "other"))

    assert latch_files.read(home.latch).level == "none"
    assert latch_files.read(other.latch).level == "kill"


def test_home_that_was_never_made_is_not_called_latched(home, tmp_path, capsys):
    code = run(home, "kill", "--home", str(tmp_path / "nowhere"))

    assert code == ladder.NOTHING
    assert "could not be written" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["kill", "--resaon", "x"],
        ["pause", "now"],
        ["kill", "--reason"],
        ["kill", "--request-id", "../../x"],
        ["stop"],
    ],
)
def test_command_line_that_is_not_understood_does_nothing_and_says_what_was_expected(
    home, capsys, words
):
    code = run(home, *words)

    shown = capsys.readouterr()
    assert code == ladder.USAGE
    assert shown.out == ""
    assert "expected" in shown.err
    assert "found" in shown.err
    assert latch_files.read(home.latch).level == "none"


@pytest.mark.parametrize("verb", quick.VERBS)
def test_help_lists_every_exit_code_and_does_nothing(home, capsys, verb):
    code = run(home, verb, "--help")

    shown = capsys.readouterr().out
    assert code == 0
    for number in range(7):
        assert f"\n  {number}  " in shown
    assert latch_files.read(home.latch).level == "none"


@pytest.mark.process
@pytest.mark.timeout(60)
def test_kill_imports_nothing_outside_the_standard_library_and_nothing_slow(home):
    program = (
        "import sys; before = set(sys.modules); from hfl.quick import main; main(['kill']);"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HFL_HOME": home.run.removesuffix("/run")},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    loaded = done.stderr.split()

    assert "hfl_core.gateway.latch_files" in loaded
    tops = {name.partition(".")[0] for name in loaded}
    assert tops - sys.stdlib_module_names == {"hfl", "hfl_config", "hfl_core"}
    assert not {"dataclasses", "typing", "pathlib", "json", "socket", "inspect"} & set(loaded)


@pytest.mark.process
@pytest.mark.timeout(60)
def test_closed_output_does_not_keep_a_kill_from_latching(home):
    program = "import sys; from hfl.quick import main; sys.exit(main(['kill']))"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={"HFL_HOME": home.run.removesuffix("/run")},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        code = process.wait(30)

    assert code == ladder.DONE
    assert latch_files.read(home.latch).level == "kill"
