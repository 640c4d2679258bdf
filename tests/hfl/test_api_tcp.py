"""The loopback API is off until the configuration asks for it, and then needs the token's file."""

import socket
import stat

import httpx
import pytest

from hfl_config.load import load
from tests.hfl.bot import PACED, WAIT_S, Bot

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_it_is_off_by_default(tmp_path):
    assert load(str(tmp_path / "none.toml")).config.api.tcp is False


def test_a_daemon_that_is_asked_to_serves_the_loopback_behind_its_token():
    port = free_port()
    with Bot() as bot:
        bot.start_still(*PACED, "--set", "api.tcp=true", "--set", f"api.port={port}")
        token_file = bot.root / "config" / "api.token"

        def status(**headers):
            try:
                return httpx.get(
                    f"http://127.0.0.1:{port}/status",
                    headers=headers,
                    timeout=WAIT_S,
                    trust_env=False,
                )
            except httpx.ConnectError:
                return None

        without = bot.until(status)
        token = token_file.read_text().strip()
        with_token = status(Authorization=f"Bearer {token}")

        assert without.status_code == 401
        assert with_token.status_code == 200
        assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
        assert bot.home.paths.api_token == str(token_file)
