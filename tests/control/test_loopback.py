"""The control API on the loopback: nothing gets past the guard without host and token."""

import os
import stat
import threading

import httpx
import pytest

from hfl_core.control.api import loopback_server, private_server
from hfl_core.control.desk import Desk
from hfl_core.control.loopback import HOSTS, bind_loopback, obtain_token
from hfl_core.domain.errors import ControlError
from tests.control.test_api import ANSWER_S, Daemon

ENDPOINTS = [
    ("POST", "/emergency/kill"),
    ("POST", "/emergency/pause"),
    ("POST", "/emergency/close_all"),
    ("GET", "/emergency/risk_check"),
    ("POST", "/emergency/risk_check"),
    ("POST", "/resume"),
    ("GET", "/status"),
    ("GET", "/metrics"),
    ("GET", "/nowhere"),
    ("OPTIONS", "/status"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Return (daemon, port, token) of one server for the module."""
    path = str(tmp_path_factory.mktemp("api") / "api.token")
    daemon = Daemon()
    server = loopback_server("127.0.0.1", 0, Desk(daemon), token_path=path)
    server.start()
    yield daemon, int(server.where.rpartition(" ")[2]), obtain_token(path)
    server.stop()


def ask(served, method, path, *, token="", host=""):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if host:
        headers["Host"] = host
    base = f"http://127.0.0.1:{served[1]}"
    with httpx.Client(base_url=base, timeout=ANSWER_S, trust_env=False) as client:
        return client.request(method, path, headers=headers)


@pytest.mark.process
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_every_endpoint_needs_the_token(served, method, path):
    served[0].stops.clear()
    served[0].inbox.clear()
    wrong = served[2][:-1] + ("A" if served[2][-1] != "A" else "B")
    answers = [ask(served, method, path, token=token) for token in ("", "x", wrong, served[2] * 2)]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert answers[0].json()["detail"].startswith("expected Authorization")
    assert (served[0].stops, served[0].inbox) == ([], [])


@pytest.mark.process
def test_with_the_token_it_is_the_api_of_the_socket(served):
    served[0].stops.clear()
    killed = ask(served, "POST", "/emergency/kill", token=served[2])

    assert killed.status_code == 200
    assert served[0].stops == [("kill", killed.json()["request_id"])]
    assert ask(served, "GET", "/metrics", token=served[2]).text.startswith("# TYPE hfl_orders")


@pytest.mark.process
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1.evil.example:{port}"]
)
def test_a_page_whose_name_was_pointed_here_is_refused_even_with_the_token(served, host):
    answer = ask(served, "GET", "/status", token=served[2], host=host.format(port=served[1]))

    assert answer.status_code == 421
    assert answer.json()["detail"].startswith("expected this machine's own name")


@pytest.mark.process
@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_this_machines_own_names_are_taken(served, host):
    answer = ask(served, "GET", "/metrics", token=served[2], host=host.format(port=served[1]))

    assert answer.status_code == 200


@pytest.mark.process
def test_the_unix_socket_needs_no_token(tmp_path):
    path = str(tmp_path / "s" / "api.sock")
    server = private_server(path, Desk(Daemon()))
    server.start()
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), timeout=ANSWER_S) as client:
        answer = client.get("http://hfl/metrics")
    server.stop()

    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "localhost", "192.168.1.2", ""])
def test_no_address_but_the_loopbacks_is_bound(host):
    with pytest.raises(ControlError, match="nobody but this machine may reach it"):
        bind_loopback(host, 0)


def test_both_loopback_addresses_can_be_bound_and_a_taken_port_is_said():
    first = bind_loopback(HOSTS[0], 0)
    port = first.getsockname()[1]
    with pytest.raises(ControlError, match=f"listen at 127.0.0.1 port {port}, found .* choose"):
        bind_loopback(HOSTS[0], port)
    first.release()

    assert first.fileno() == -1


def test_a_token_is_made_once_and_ours_alone(tmp_path):
    path = tmp_path / "api.token"
    first, again = obtain_token(str(path)), obtain_token(str(path))

    assert first == again
    assert len(first) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert obtain_token(str(tmp_path / "other")) != first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_token_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "api.token"
    obtain_token(str(path))
    path.chmod(mode)
    with pytest.raises(ControlError, match="others may know it, so delete it and start again"):
        obtain_token(str(path))


@pytest.mark.parametrize("text", ["", "short", "a" * 20 + " " + "b" * 20, "é" * 40, "\x00" * 40])
def test_a_file_without_a_token_is_refused(tmp_path, text):
    path = tmp_path / "api.token"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ControlError, match="expected a token of at least 32 characters"):
        obtain_token(str(path))


def test_a_link_in_the_tokens_place_is_not_followed(tmp_path):
    target, path = tmp_path / "target", tmp_path / "api.token"
    obtain_token(str(target))
    path.symlink_to(target)
    with pytest.raises(ControlError, match="expected to read or write the API's token"):
        obtain_token(str(path))


def test_starters_at_once_agree_on_one_token_or_say_so(tmp_path):
    path, found = str(tmp_path / "api.token"), []

    def obtain():
        try:
            found.append(obtain_token(path))
        except ControlError:
            found.append("")

    threads = [threading.Thread(target=obtain) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {token for token in found if token} == {obtain_token(path)}
    assert os.listdir(tmp_path) == ["api.token"]  # noqa: PTH208 - names alone
