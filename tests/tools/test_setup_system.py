"""Setting up the system: quick where all is there, and never a failure of the build."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.style import tree

SCRIPT = tree.ROOT / "tools" / "setup_system.py"


@pytest.fixture
def tool(monkeypatch):
    spec = importlib.util.spec_from_file_location("setup_system", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # No test of ours touches this machine's units or its package manager.
    monkeypatch.setattr(module, "apt_get", lambda *words: False)
    monkeypatch.setattr(module, "UNITS", ())
    return module


def test_nothing_is_said_or_done_where_both_programs_are(tool, monkeypatch, capsys):
    monkeypatch.setattr(tool, "NEEDED", {"sh": "dash"})
    monkeypatch.setattr(tool, "install", lambda packages: pytest.fail("it installs"))

    assert tool.main() == 0
    assert capsys.readouterr().out == ""


def test_an_installation_that_fails_is_one_sentence_and_no_failure(tool, monkeypatch, capsys):
    monkeypatch.setattr(tool, "NEEDED", {"no-such-program": "no-such-package"})
    monkeypatch.setattr(tool, "POLICY", tree.ROOT / "no" / "such" / "folder")

    assert tool.main() == 0
    said = capsys.readouterr().out
    assert "no-such-package" in said
    assert said.count("\n") == 1


def test_a_list_that_is_out_of_date_is_fetched_once(tool, monkeypatch, tmp_path):
    asked = []

    def apt_get(*words):
        asked.append(words[0])
        return len(asked) > 1

    monkeypatch.setattr(tool, "apt_get", apt_get)
    monkeypatch.setattr(tool.os, "geteuid", lambda: 0)
    monkeypatch.setattr(tool.shutil, "which", lambda name, path="": f"/bin/{name}")
    monkeypatch.setattr(tool, "POLICY", tmp_path / "policy")

    assert tool.install(["openssh-server"]).startswith("Installed openssh-server (not started")
    assert asked == ["install", "update", "install"]


def test_a_plain_user_is_told_and_nothing_is_tried(tool, monkeypatch):
    monkeypatch.setattr(tool.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tool, "apt_get", lambda *words: pytest.fail("it installs"))

    assert "no root with apt-get" in tool.install(["tmux"])


def test_an_ssh_server_that_comes_in_is_kept_from_starting(tool, monkeypatch, tmp_path):
    monkeypatch.setattr(tool, "UNITS", ("ssh.service", "ssh.socket"))
    policy, own = tmp_path / "policy-rc.d", tmp_path / "ssh.socket"
    own.write_text("[Socket]\n")
    with tool.no_service_starts(["openssh-server"], units=tmp_path, policy=policy):
        said = subprocess.run([policy, "ssh", "start"], check=False)

        assert said.returncode == 101
    assert not policy.exists()
    assert (tmp_path / "ssh.service").readlink() == Path("/dev/null")
    assert own.read_text() == "[Socket]\n"


def test_a_policy_that_was_there_stays(tool, tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("mine")
    with tool.no_service_starts(["tmux"], units=tmp_path, policy=policy):
        pass

    assert policy.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [policy]


@pytest.mark.process
def test_without_any_package_manager_the_tool_itself_ends_well(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr == ""
