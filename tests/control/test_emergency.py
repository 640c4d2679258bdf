"""The emergency listener under raw bytes, many connections and hung ends."""

import json
import os
import random
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfl_core.control import client, emergency
from hfl_core.control.desk import Desk, SnapshotBox
from hfl_core.control.emergency import EmergencyListener, read_request
from hfl_core.domain.errors import ControlError
from hfl_core.gateway.latch import CallKind, MemoryLatch, prepare, read, set_stop

pytestmark = [pytest.mark.timeout(120)]
# Of what is awaited; no claim.
ANSWER_S = 30.0


class Daemon:
    """The real latch behind the port; the engine is only an inbox."""

    def __init__(self, directory):
        prepare(directory)
        self.directory = directory
        self.latch = MemoryLatch(directory)
        self.inbox = []
        self.box = SnapshotBox()

    def engage(self, level, request_id):
        self.latch.engage(level, request_id)
        return self.latch.acknowledge()

    def write_stop(self, level, request_id, *, reason, actor):
        return str(set_stop(self.directory, level, request_id, reason=reason, actor=actor).is_new)

    def latched(self):
        state = self.latch.state()
        return state.level, state.ids

    def submit_command(self, request_id, verb, *, actor, arguments):
        self.inbox.append((request_id, verb, actor, dict(arguments)))

    def snapshot(self):
        return self.box.get()

    def metrics(self):
        return {}


@pytest.fixture
def daemon(tmp_path):
    return Daemon(str(tmp_path / "latch"))


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "s" / "e.sock")


@pytest.fixture
def listener(daemon, path):
    listener = EmergencyListener(path, Desk(daemon))
    listener.start()
    yield listener
    listener.stop()


def wait_until(happened):
    ends_s = time.monotonic() + ANSWER_S
    while not happened():
        assert time.monotonic() < ends_s
        time.sleep(0.005)


def call(path, verb, request_id="r1", **more):
    request = {"verb": verb, "request_id": request_id, **more}
    return client.call(path, request, timeout_s=ANSWER_S)


@pytest.mark.process
def test_socket_is_ours_alone(listener, path):
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700


@pytest.mark.process
def test_directory_that_was_open_to_others_is_closed(daemon, path):
    Path(path).parent.mkdir(mode=0o755)
    Path(path).parent.chmod(0o755)
    EmergencyListener(path, Desk(daemon)).stop()

    assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700


@pytest.mark.process
def test_kill_is_in_force_in_memory_and_on_disk_when_it_is_acknowledged(listener, daemon, path):
    assert daemon.latch.begin_call("under-way", CallKind.ENTRY) is None

    reply = call(path, "kill", reason="now", actor="me")

    assert reply.is_ok
    assert reply.calls_begun == ("under-way",)
    assert reply.pid == os.getpid()
    assert daemon.latch.begin_call("c2", CallKind.ENTRY) is not None
    assert read(daemon.directory).stops == (("kill", "r1"),)
    request_id, verb, actor, arguments = daemon.inbox[0]
    assert (request_id, verb, arguments) == ("r1", "kill", {"reason": "now"})
    assert actor == f"me (uid {os.getuid()} pid {os.getpid()})"


@pytest.mark.process
def test_kill_sent_three_times_is_one_command(listener, daemon, path):
    replies = [call(path, "kill") for _ in range(3)]

    assert len({reply.text for reply in replies}) == 1
    assert len(daemon.inbox) == 1


@pytest.mark.process
def test_status_and_risk_check_answer_while_the_engine_says_nothing(listener, daemon, path):
    daemon.box.put(b'{"positions":[]}', now_s=time.monotonic())

    call(path, "pause")

    assert call(path, "status").fields["level"] == "reduce_only"
    assert call(path, "risk_check").fields["snapshot"] == {"positions": []}


@pytest.mark.process
def test_many_lines_on_one_connection_are_answered_in_order(listener, path):
    lines = b"".join(
        json.dumps({"verb": "status", "request_id": f"r{n}"}).encode() + b"\n" for n in range(50)
    )
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_S)
        connection.connect(path)
        connection.sendall(lines)
        reader = connection.makefile()
        answers = [json.loads(reader.readline()) for _ in range(50)]

    assert [one["request_id"] for one in answers] == [f"r{n}" for n in range(50)]


@pytest.mark.process
def test_strangers_get_no_answer(daemon, path):
    listener = EmergencyListener(path, Desk(daemon), allowed_uids=frozenset({54_321}))
    listener.start()
    try:
        with pytest.raises(OSError):
            call(path, "kill")
        assert daemon.latch.state().level == "none"
        assert listener.is_serving
    finally:
        listener.stop()


@pytest.mark.process
def test_silent_connections_cannot_keep_a_kill_out(listener, path, monkeypatch):
    """Twice as many as there are places, all holding half a line, and silence ends none of them."""
    monkeypatch.setattr(emergency, "SILENCE_S", 1_000.0)
    silent = []
    try:
        for _ in range(2 * emergency.CONNECTIONS_MAX):
            one = socket.socket(socket.AF_UNIX)
            one.connect(path)
            one.sendall(b'{"verb":')
            silent.append(one)
        assert call(path, "kill").is_ok
        assert len(listener._connections) <= emergency.CONNECTIONS_MAX
    finally:
        for one in silent:
            one.close()


@pytest.mark.process
def test_peer_that_never_reads_is_cut_off_and_others_are_served(listener, daemon, path):
    daemon.box.put(b'{"x":"' + b"y" * 100_000 + b'"}', now_s=0.0)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.settimeout(ANSWER_S)
        deaf.connect(path)
        with pytest.raises(OSError):
            deaf.sendall(b'{"verb":"risk_check"}\n' * 100_000)
        assert call(path, "kill").is_ok


@pytest.mark.process
def test_line_without_end_is_refused_with_a_sentence(listener, path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_S)
        connection.connect(path)
        connection.sendall(b"x" * (emergency.LINE_BYTES_MAX + emergency.CHUNK_BYTES))
        answer = json.loads(connection.makefile().readline())

    assert answer["ok"] is False
    assert "at most" in answer["detail"]


@pytest.mark.process
def test_silent_connection_is_closed(listener, path, monkeypatch):
    monkeypatch.setattr(emergency, "SILENCE_S", 0.1)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_S)
        connection.connect(path)

        assert connection.recv(10) == b""


@pytest.mark.process
def test_raw_bytes_never_kill_the_listener(listener, daemon, path):
    seed = 7
    chance = random.Random(seed)
    pieces = [
        b"\n",
        b"{}",
        b'{"verb":"kill"',
        b'"',
        b"\x00",
        b"\xff\xfe",
        b"[" * 3000,
        b"\r",
        b"1e999",
    ]
    for _ in range(300):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(path)
            try:
                for _ in range(chance.randrange(1, 6)):
                    noise = chance.randbytes(chance.randrange(200))
                    connection.sendall(chance.choice(pieces) + noise)
                if chance.random() < 0.5:
                    connection.sendall(b"\n")
                    connection.recv(4096)
            except OSError:
                continue

    assert listener.is_serving, f"seed {seed}"
    assert call(path, "kill").is_ok


def read_or_refuse(line):
    try:
        return read_request(line, peer_name="p"), ""
    except ControlError as error:
        return None, str(error)


@given(st.binary(max_size=300))
@example(b'{"verb":"kill","request_id":{}}')
@example(b'{"verb":"kill","arguments":{"a":1}}')
@example(b'{"verb":"kill","secret":"x"}')
@example(b'{"verb":"\\ud800"}')
@example(b"[" * 200_000)
@example(b"1" * 5_000)
def test_any_line_is_a_request_or_one_sentence(line):
    request, refusal = read_or_refuse(line)

    if request is None:
        assert refusal.startswith("expected")
    else:
        assert request.request_id
        request.verb.encode()


@given(
    st.dictionaries(
        st.sampled_from(["verb", "request_id", "reason", "actor", "arguments", "x"]),
        st.text(max_size=20) | st.none() | st.integers() | st.dictionaries(st.text(), st.text()),
    )
)
def test_any_object_is_a_request_or_one_sentence(fields):
    request, refusal = read_or_refuse(json.dumps(fields).encode())

    if request is None:
        assert refusal.startswith("expected")
    else:
        assert request.request_id
        assert "x" not in fields


@pytest.mark.process
def test_socket_of_a_killed_daemon_is_replaced(daemon, path):
    Path(path).parent.mkdir(mode=0o700)
    program = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, path], check=True, timeout=20)
    assert Path(path).exists()

    listener = EmergencyListener(path, Desk(daemon))
    listener.start()
    try:
        assert call(path, "status").is_ok
    finally:
        listener.stop()
    assert not Path(path).exists()


@pytest.mark.parametrize("obstacle", ["file", "long", "directory is a file"])
def test_socket_that_cannot_be_bound_is_one_sentence(daemon, tmp_path, obstacle):
    path = tmp_path / "e.sock"
    match obstacle:
        case "file":
            path.write_text("precious")
        case "long":
            path = tmp_path / ("x" * 120)
        case _:
            (tmp_path / "f").write_text("")
            path = tmp_path / "f" / "e.sock"

    with pytest.raises(ControlError, match="expected"):
        EmergencyListener(str(path), Desk(daemon))
    if obstacle == "file":
        assert path.read_text() == "precious"


@pytest.mark.process
def test_no_entry_begins_after_the_answer_reached_the_client(listener, daemon, path):
    """The whole way over the socket, while eight threads begin calls."""
    is_over = threading.Event()
    began: list[list[str]] = [[] for _ in range(8)]

    def hammer(worker):
        number = 0
        while not is_over.is_set():
            number += 1
            client_id = f"w{worker}n{number}"
            if daemon.latch.begin_call(client_id, CallKind.ENTRY) is None:
                began[worker].append(client_id)
                daemon.latch.end_call(client_id)

    threads = [threading.Thread(target=hammer, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: all(began))
        for number in range(20):
            time.sleep(0.005)
            listed = set(call(path, "kill", f"r{number}").calls_begun)
            marks = [len(one) for one in began]
            time.sleep(0.01)
            for one, start in zip(began, marks, strict=True):
                assert set(one[start:]) <= listed
            daemon.latch.release((f"r{number}",))
            Path(daemon.directory, f"kill-r{number}").unlink()
    finally:
        is_over.set()
        for thread in threads:
            thread.join(20)
