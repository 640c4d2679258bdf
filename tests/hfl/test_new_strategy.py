"""`hfl new-strategy`: a file that loads and a test that passes."""

import json

from hfl.cli import main
from hfl.plugins import load_strategy
from hfl.verb import DONE, USAGE


def test_the_written_strategy_loads_by_its_name(hfl_home, capsys):
    assert main(["new-strategy", "my_own", "--json"]) == DONE

    written = json.loads(capsys.readouterr().out)
    loaded = load_strategy("my_own", {}, (hfl_home / "strategies",))
    assert loaded.origin == "user"
    assert written["strategy"] == str(hfl_home / "strategies" / "my_own.py")
    assert (hfl_home / "strategies" / "tests" / "test_my_own.py").is_file()


def test_it_says_how_to_go_on_and_never_overwrites(hfl_home, capsys):
    assert main(["new-strategy", "twice"]) == DONE
    assert "hfl run --strategy twice" in capsys.readouterr().out
    path = hfl_home / "strategies" / "twice.py"
    path.write_text("# mine\n")

    assert main(["new-strategy", "twice"]) == USAGE

    assert "hfl: expected" in capsys.readouterr().err
    assert path.read_text() == "# mine\n"


def test_a_name_that_is_none_is_one_sentence(hfl_home, capsys):
    for name in ("Trend", "trend", "../x", "class"):
        assert main(["new-strategy", name]) == USAGE
        assert capsys.readouterr().err.count("\n") == 1
