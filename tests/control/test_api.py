"""The HTTP control API over its private Unix socket, spoken to by a real client."""

import json
import stat
import threading
import time
from pathlib import Path

import httpx
import pytest

from hfl_core.control import desk as desk_module
from hfl_core.control.api import BODY_BYTES_MAX, metrics_text, private_server, read_command
from hfl_core.control.desk import Desk, SnapshotBox
from hfl_core.domain.errors import ControlError

pytestmark = [pytest.mark.timeout(120)]
# Of what is awaited; no claim.
ANSWER_S = 30.0


class Daemon:
    def __init__(self):
        self.stops = []
        self.inbox = []
        self.box = SnapshotBox()
        self.is_full = False

    def engage(self, level, request_id):
        self.stops.append((level, request_id))
        return ("c1",)

    def write_stop(self, level, request_id, *, reason, actor):
        return "written"

    def latched(self):
        return (self.stops[-1][0] if self.stops else "none"), tuple(one[1] for one in self.stops)

    def submit_command(self, request_id, verb, *, actor, arguments):
        if self.is_full:
            raise ControlError("the inbox is full")
        self.inbox.append((request_id, verb, actor, dict(arguments)))

    def snapshot(self):
        return self.box.get()

    def metrics(self):
        return {"hfl_rows_total": 3.0, 'hfl_orders{state="working"}': 1.0}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for the module: starting it costs most of the time."""
    path = str(tmp_path_factory.mktemp("api") / "s" / "api.sock")
    daemon = Daemon()
    server = private_server(path, Desk(daemon))
    server.start()
    yield daemon, path
    server.stop()
    assert not Path(path).exists()


@pytest.fixture
def daemon(shared):
    daemon = shared[0]
    daemon.stops.clear()
    daemon.inbox.clear()
    daemon.is_full = False
    return daemon


@pytest.fixture
def http(shared):
    transport = httpx.HTTPTransport(uds=shared[1])
    with httpx.Client(transport=transport, base_url="http://hfl", timeout=ANSWER_S) as client:
        yield client


@pytest.mark.process
def test_socket_stays_ours_alone_under_uvicorn(shared, http):
    assert http.get("/status").status_code == 200
    assert stat.S_IMODE(Path(shared[1]).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(shared[1]).parent.stat().st_mode) == 0o700


@pytest.mark.process
@pytest.mark.parametrize(
    ("verb", "level"), [("kill", "kill"), ("pause", "reduce_only"), ("close_all", "reduce_only")]
)
def test_emergency_verbs_latch_and_reach_the_inbox(daemon, http, verb, level):
    answer = http.post(f"/emergency/{verb}", json={"request_id": f"a-{verb}", "reason": "now"})

    assert answer.status_code == 200
    assert answer.json()["calls_begun"] == ["c1"]
    assert daemon.stops == [(level, f"a-{verb}")]
    assert daemon.inbox == [(f"a-{verb}", verb, "api", {"reason": "now"})]


@pytest.mark.process
def test_kill_without_a_body_is_enough(daemon, http):
    answer = http.post("/emergency/kill")

    assert answer.status_code == 200
    assert daemon.stops == [("kill", answer.json()["request_id"])]


@pytest.mark.process
def test_same_key_in_header_or_body_is_one_command(daemon, http):
    first = http.post("/emergency/pause", headers={"Idempotency-Key": "same"})
    second = http.post("/emergency/pause", json={"request_id": "same"})

    assert first.json() == second.json()
    assert len(daemon.inbox) == 1


@pytest.mark.process
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_risk_check_answers_by_get_and_post(daemon, http, method):
    daemon.box.put(b'{"equity":"10"}', now_s=time.monotonic() - 1_000)

    answer = http.request(method, "/emergency/risk_check")

    assert answer.json()["snapshot"] == {"equity": "10"}
    assert answer.json()["age_s"] >= 1_000
    assert daemon.stops == []


@pytest.mark.process
def test_typed_resume_is_accepted_but_not_yet_done(daemon, http):
    body = {"typed": "RESUME", "reason": "checked", "latch_ids": ["k1", "p2"]}

    answer = http.post("/resume", json={**body, "actor": "me", "request_id": "res-1"})

    assert answer.status_code == 202
    arguments = {"typed": "RESUME", "latch_ids": "k1,p2", "reason": "checked"}
    assert daemon.inbox == [("res-1", "resume", "api:me", arguments)]
    assert daemon.stops == []


@pytest.mark.process
@pytest.mark.parametrize(
    "body",
    [
        {"typed": "yes", "reason": "x", "latch_ids": ["k"]},
        {"typed": "RESUME", "reason": "", "latch_ids": ["k"]},
        {"typed": "RESUME", "reason": "x", "latch_ids": []},
        {"typed": "RESUME", "reason": "x"},
        {"reason": "x", "latch_ids": ["k"]},
        {"typed": "RESUME", "reason": "x", "latch_ids": ["k"], "force": True},
    ],
)
def test_resume_without_word_reason_or_ids_is_refused_with_a_sentence(daemon, http, body):
    answer = http.post("/resume", json=body)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("expected")
    assert daemon.inbox == []


@pytest.mark.process
def test_resume_that_the_engine_cannot_take_is_unavailable(daemon, http):
    daemon.is_full = True
    body = {"typed": "RESUME", "reason": "x", "latch_ids": ["k"], "request_id": "res-2"}

    assert http.post("/resume", json=body).status_code == 503


@pytest.mark.process
def test_stop_that_the_engine_cannot_take_is_in_force_all_the_same(daemon, http):
    daemon.is_full = True

    answer = http.post("/emergency/kill", json={"request_id": "k-full"})

    assert answer.status_code == 200
    assert answer.json()["queued"] is False
    assert daemon.stops == [("kill", "k-full")]


@pytest.mark.process
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{", {}),
        (b"[]", {}),
        (b'{"resaon":"x"}', {}),
        (b'{"reason":1}', {}),
        (b'{"request_id":"../x"}', {}),
        (b'{"request_id":"a"}', {"Idempotency-Key": "b"}),
        (b" " * (BODY_BYTES_MAX + 1), {}),
        (b"\xff", {}),
    ],
)
def test_body_that_is_not_a_command_is_refused_with_a_sentence(daemon, http, body, headers):
    answer = http.post("/emergency/kill", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("expected")
    assert daemon.stops == []


@pytest.mark.process
def test_metrics_are_prometheus_text(daemon, http):
    answer = http.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text.splitlines() == [
        "# TYPE hfl_orders gauge",
        'hfl_orders{state="working"} 1.0',
        "# TYPE hfl_rows_total counter",
        "hfl_rows_total 3.0",
    ]


@pytest.mark.process
@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/emergency/buy"])
def test_nothing_else_is_served(daemon, http, path):
    assert http.get(path).status_code == 404


@pytest.mark.process
def test_strangers_get_no_answer(tmp_path):
    path = str(tmp_path / "api.sock")
    daemon = Daemon()
    server = private_server(path, Desk(daemon), allowed_uids=frozenset({54_321}))
    server.start()
    try:
        transport = httpx.HTTPTransport(uds=path)
        client = httpx.Client(transport=transport, base_url="http://hfl", timeout=ANSWER_S)
        with client, pytest.raises(httpx.TransportError):
            client.post("/emergency/kill")
        assert daemon.stops == []
    finally:
        server.stop()


@pytest.mark.process
def test_slow_disk_of_one_command_does_not_hold_up_another(shared, http, monkeypatch):
    """No answer to the kill before the disk is back: the desk would wait for it very long here."""
    monkeypatch.setattr(desk_module, "FILE_WAIT_S", ANSWER_S)
    is_writing, release = threading.Event(), threading.Event()
    answers = []

    def write(*_, **__):
        is_writing.set()
        return f"back: {release.wait(ANSWER_S)}"

    monkeypatch.setattr(shared[0], "write_stop", write)

    def kill():
        transport = httpx.HTTPTransport(uds=shared[1])
        with httpx.Client(transport=transport, base_url="http://hfl", timeout=ANSWER_S) as client:
            answers.append(client.post("/emergency/kill", json={"request_id": "slow"}))

    thread = threading.Thread(target=kill)
    thread.start()
    assert is_writing.wait(ANSWER_S)
    assert http.get("/emergency/risk_check").status_code == 200
    assert answers == []
    release.set()
    thread.join(ANSWER_S)

    assert answers[0].json()["file"] == "back: True"


def test_metric_names_that_prometheus_would_refuse_are_refused():
    for bad in ("a b", "1a", 'a{b="c"', "a\n", ""):
        with pytest.raises(ValueError, match="Prometheus"):
            metrics_text({bad: 1.0})


def test_metric_values_that_are_not_numbers_are_spelled_as_prometheus_does():
    text = metrics_text({"a": float("nan"), "b": float("inf"), "c": float("-inf")})

    assert [line.split()[1] for line in text.splitlines() if line[0] != "#"] == [
        "NaN",
        "+Inf",
        "-Inf",
    ]


def test_command_takes_its_id_from_the_header():
    asked = read_command("kill", json.dumps({"reason": "x"}).encode(), "key-1")

    assert (asked.request_id, asked.reason, asked.verb) == ("key-1", "x", "kill")
