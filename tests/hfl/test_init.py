"""`hfl init`: creates once, changes nothing after."""

import json
import stat

from hfl.cli import main
from hfl.verb import DONE, USAGE


def made(root):
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_everything_is_made_once_privately_and_told(hfl_home, capsys):
    assert main(["init"]) == DONE
    first = capsys.readouterr().out
    everything = made(hfl_home)

    assert {"config/config.toml", "run/latch/ready", "config/keys", "journal"} <= everything
    assert all(f"made  {hfl_home / name}\n" in first for name in ("run/latch", "journal"))
    assert stat.S_IMODE((hfl_home / "config" / "keys").stat().st_mode) == 0o700
    assert main(["init"]) == DONE
    assert "nothing was changed" in capsys.readouterr().out
    assert made(hfl_home) == everything


def test_own_settings_and_stops_stay_and_a_lost_ready_comes_back(hfl_home, capsys):
    main(["init"])
    settings = hfl_home / "config" / "config.toml"
    settings.write_text("# mine\n")
    (hfl_home / "run" / "latch" / "kill-abc").write_text("{}")
    (hfl_home / "run" / "latch" / "ready").unlink()
    capsys.readouterr()

    assert main(["init", "--json"]) == DONE

    assert json.loads(capsys.readouterr().out) == {
        "created": [],
        "ready_restored": True,
        "config_file": str(settings),
    }
    assert settings.read_text() == "# mine\n"
    assert sorted(p.name for p in (hfl_home / "run" / "latch").iterdir()) == ["kill-abc", "ready"]


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")

    assert main(["init", "--home", str(tmp_path / "file" / "h")]) == USAGE
    error = capsys.readouterr().err
    assert error.startswith("hfl: expected")
    assert error.count("\n") == 1
