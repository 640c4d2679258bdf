"""`hfl config`: check, diff, and apply in two steps."""

import json

import pytest

from hfl.cli import main
from hfl.verb import DONE, USAGE
from hfl_core.control import lock


@pytest.fixture
def home(hfl_home, capsys):
    main(["init"])
    capsys.readouterr()
    return hfl_home


@pytest.fixture
def candidate(home, tmp_path):
    path = tmp_path / "new.toml"
    path.write_text("[account]\ncash_start = 20000\n[gateway]\nprice_age_max_s = 90\n")
    return path


def test_a_change_is_shown_with_its_token_and_taken_over_only_with_it(home, candidate, capsys):
    assert main(["config", "diff", str(candidate), "--json"]) == DONE
    shown = json.loads(capsys.readouterr().out)
    rows = {row["key"]: row for row in shown["changes"]}

    assert rows["account.cash_start"]["from"] is None
    assert rows["gateway.price_age_max_s"]["raises_risk"] is True
    assert rows["gateway.price_age_max_s"]["from"] is not None
    before = (home / "config" / "config.toml").read_text()
    assert main(["config", "apply", str(candidate), "--token", "00000000"]) == USAGE
    assert (home / "config" / "config.toml").read_text() == before
    capsys.readouterr()

    assert main(["config", "apply", str(candidate), "--token", shown["token"]]) == DONE

    said = capsys.readouterr().out
    assert (home / "config" / "config.toml").read_text() == candidate.read_text()
    assert "RAISES RISK" in said
    assert ".bak" in said
    assert main(["config", "check", "--json"]) == DONE
    waiting = json.loads(capsys.readouterr().out)["waiting"]
    assert [row["key"] for row in waiting] == ["gateway.price_age_max_s"]


def test_apply_without_a_token_shows_the_difference_and_changes_nothing(home, candidate, capsys):
    before = (home / "config" / "config.toml").read_text()

    assert main(["config", "apply", str(candidate)]) == DONE

    assert "--token" in capsys.readouterr().out
    assert (home / "config" / "config.toml").read_text() == before


def test_a_running_daemon_is_said_to_keep_its_settings(home, candidate, capsys):
    main(["config", "diff", str(candidate), "--json"])
    token = json.loads(capsys.readouterr().out)["token"]
    held = lock.acquire(str(home / "run" / "paper-main.lock"))
    assert held is not None
    try:
        assert main(["config", "apply", str(candidate), "--token", token]) == DONE
    finally:
        held.release()

    assert "take effect at the next start" in capsys.readouterr().out


def test_what_cannot_be_used_is_one_sentence(home, tmp_path, capsys):
    bad = tmp_path / "bad.toml"
    bad.write_text("[account]\ncash_strat = 1\n")

    for words in (["check", str(bad)], ["diff", str(bad)], ["diff"], ["check", "/nowhere.toml"]):
        assert main(["config", *words]) == USAGE
        error = capsys.readouterr().err
        assert error.startswith("hfl: ")
        assert error.count("\n") == 1
