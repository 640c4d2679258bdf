"""The daemon's systemd unit: systemd itself finds nothing to say, and stops are respected."""

import shutil
import subprocess

import pytest

from hfl.verb import CODES
from hfl_core.domain.errors import ConfigError, DataError, JournalError
from tests.style import tree

UNIT = tree.ROOT / "deploy" / "systemd" / "hfl.service"


@pytest.fixture
def settings():
    """Return (section, key) to value; only lists may stand there twice."""
    found: dict[tuple[str, str], str] = {}
    section = ""
    for line in UNIT.read_text().splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            section = text.strip("[]")
            continue
        key, _, value = text.partition("=")
        is_list = key in {"Environment", "SystemCallFilter"}
        assert is_list or (section, key) not in found, key
        found[section, key] = f"{found.get((section, key), '')} {value}".strip()
    return found


@pytest.mark.process
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_to_say(tmp_path):
    # Neither the user nor the program need be on the machine that tests.
    here = UNIT.read_text().replace("/opt/hfl/bin/hfl", "/bin/sh")
    here = here.replace("User=hfl", "User=root").replace("Group=hfl", "Group=root")
    (tmp_path / "hfl.service").write_text(here)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "hfl.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert "StateDirectory=hfl" in here
    assert [line for line in done.stderr.splitlines() if "hfl.service" in line] == []


def test_what_a_human_must_look_at_is_not_tried_again(settings):
    code_of = dict(CODES)
    never = settings["Service", "RestartPreventExitStatus"].split()

    assert settings["Service", "Restart"] == "on-failure"
    for error in (ConfigError, DataError, JournalError):
        assert str(code_of[error]) in never
    # A kill that had to be done by signal is a kill.
    assert {"SIGTERM", "SIGKILL"} <= set(never)


def test_a_daemon_that_cannot_stay_up_is_left_down(settings):
    assert int(settings["Unit", "StartLimitBurst"]) <= 5
    assert settings["Unit", "StartLimitIntervalSec"].endswith("min")


def test_it_may_write_below_its_home_only_and_is_nobody_special(settings):
    assert settings["Service", "ProtectSystem"] == "strict"
    assert settings["Service", "NoNewPrivileges"] == "yes"
    assert settings["Service", "User"] == "hfl" == settings["Service", "StateDirectory"]
    assert settings["Service", "CapabilityBoundingSet"] == ""
    assert f"HFL_HOME=/var/lib/{settings['Service', 'StateDirectory']}" in (
        settings["Service", "Environment"].split()
    )


def test_it_ends_in_order_before_anything_is_killed(settings):
    """The control socket's peers are known by their user: the namespace must not hide it."""
    assert settings["Service", "KillMode"] == "mixed"
    assert settings["Service", "KillSignal"] == "SIGTERM"
    assert ("Service", "PrivateUsers") not in settings
