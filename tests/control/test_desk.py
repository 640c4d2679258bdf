"""Commands at the desk: latch first, idempotent, never waiting for the engine."""

import json
import threading

import pytest

from hfl_core.control import desk as module
from hfl_core.control import ladder
from hfl_core.control.desk import ControlRequest, Desk, Snapshot, SnapshotBox
from hfl_core.domain.errors import ControlError


class Port:
    """A daemon that remembers in which order it was told what."""

    def __init__(self):
        self.told = []
        self.begun = ("c1",)
        self.is_full = False
        self.disk = lambda: "written"
        self.box = SnapshotBox()

    def engage(self, level, request_id):
        self.told.append(("engage", level, request_id))
        return self.begun

    def write_stop(self, level, request_id, *, reason, actor):
        answer = self.disk()
        self.told.append(("file", level, request_id))
        return answer

    def latched(self):
        levels = [one[1] for one in self.told if one[0] == "engage"]
        ids = tuple(one[2] for one in self.told if one[0] == "engage")
        return ("kill" if "kill" in levels else levels[-1] if levels else "none"), ids

    def submit_command(self, request_id, verb, *, actor, arguments):
        if self.is_full:
            raise ControlError("the inbox is full")
        self.told.append(("command", verb, request_id, dict(arguments)))

    def snapshot(self) -> Snapshot | None:
        return self.box.get()

    def metrics(self):
        return {"hfl_up": 1.0}


@pytest.fixture
def port():
    return Port()


def ask(desk, verb, request_id="r1", **more):
    return desk.handle(ControlRequest(verb=verb, request_id=request_id, **more))


@pytest.mark.parametrize(
    ("verb", "level"), [("kill", "kill"), ("pause", "reduce_only"), ("close_all", "reduce_only")]
)
def test_stop_engages_memory_before_the_file_and_tells_the_engine_last(port, verb, level):
    answer = ask(Desk(port), verb, reason="why")

    assert [one[:3] for one in port.told] == [
        ("engage", level, "r1"),
        ("file", level, "r1"),
        ("command", verb, "r1"),
    ]
    assert port.told[-1][3] == {"reason": "why"}
    fields = json.loads(answer.body)
    assert fields["ok"] is True
    assert fields["queued"] is True
    assert fields["calls_begun"] == ["c1"]
    assert fields["level"] == level


def test_same_request_id_gets_the_same_answer_and_is_carried_out_once(port):
    desk = Desk(port)
    first = ask(desk, "kill")
    port.begun = ("other",)
    second = ask(desk, "kill")

    assert second == first
    assert len(port.told) == 3


def test_request_id_of_another_verb_is_refused_and_changes_nothing(port):
    desk = Desk(port)
    ask(desk, "pause")
    before = list(port.told)

    with pytest.raises(ControlError, match="fresh one"):
        ask(desk, "kill")
    assert port.told == before


def test_threads_with_one_request_id_submit_one_command(port):
    desk = Desk(port)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(desk, "close_all"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(set(answers)) == 1
    assert [one[0] for one in port.told].count("command") == 1


def test_remembered_requests_are_bounded(port, monkeypatch):
    monkeypatch.setattr(module, "REQUESTS_REMEMBERED", 3)
    desk = Desk(port)
    for number in range(10):
        ask(desk, "pause", f"r{number}")

    assert len(desk._answers) == 3


def test_full_inbox_still_latches_and_says_so(port):
    port.is_full = True

    answer = ask(Desk(port), "kill")

    fields = json.loads(answer.body)
    assert (fields["ok"], fields["queued"]) == (True, False)
    assert "inbox is full" in fields["detail"]
    assert ("engage", "kill", "r1") in port.told


def full_disk():
    raise OSError(28, "No space left on device")


def test_full_disk_still_latches_memory_and_says_so(port):
    port.disk = full_disk

    fields = json.loads(ask(Desk(port), "kill").body)

    assert fields["ok"] is True
    assert "could not be written" in fields["file"]


@pytest.mark.process
@pytest.mark.timeout(60)
def test_hung_disk_delays_an_acknowledgement_by_a_fraction_of_the_ladders_second(port):
    release = threading.Event()

    def hang():
        release.wait(1_000)
        return "late"

    port.disk = hang
    desk = Desk(port)
    for number in range(module.FILE_WRITERS_MAX + 2):
        fields = json.loads(ask(desk, "kill", f"r{number}").body)
        assert fields["ok"] is True
        assert "memory latch holds" in fields["file"]
    release.set()
    # Answered while every writer hung: what was waited for is this, whatever the machine is doing.
    assert ladder.LIMIT_S["calling"] / 4 >= module.FILE_WAIT_S


@pytest.mark.parametrize("bad", ["", "../x", "a/b", "a" * 101, ".a", "é", "a b"])
def test_request_id_that_is_no_file_name_is_refused_and_engages_nothing(port, bad):
    with pytest.raises(ControlError, match="request id"):
        ask(Desk(port), "kill", bad)
    assert port.told == []


def test_unknown_verb_is_refused(port):
    with pytest.raises(ControlError, match="verb"):
        ask(Desk(port), "buy")
    assert port.told == []


RESUME = {"typed": "RESUME", "latch_ids": "k1,k2"}


def test_typed_resume_is_handed_to_the_engine_and_engages_nothing(port):
    answer = ask(Desk(port), "resume", reason="looked at it", arguments=RESUME)

    assert answer.is_ok
    assert port.told == [("command", "resume", "r1", {**RESUME, "reason": "looked at it"})]


@pytest.mark.parametrize(
    ("reason", "arguments"),
    [
        ("ok", {**RESUME, "typed": "resume"}),
        ("ok", {"latch_ids": "k1"}),
        ("ok", {"typed": "RESUME"}),
        ("ok", {**RESUME, "latch_ids": ""}),
        (" ", RESUME),
    ],
)
def test_resume_needs_the_word_a_reason_and_the_ids_shown(port, reason, arguments):
    with pytest.raises(ControlError, match="expected"):
        ask(Desk(port), "resume", reason=reason, arguments=arguments)
    assert port.told == []


def test_resume_that_the_engine_did_not_take_is_not_ok(port):
    port.is_full = True

    assert not ask(Desk(port), "resume", reason="ok", arguments=RESUME).is_ok


def test_risk_check_shows_the_snapshot_with_its_age_and_what_is_latched(port):
    clock = [100.0]
    desk = Desk(port, monotonic=lambda: clock[0])
    port.box.put(b'{"equity":"10"}', now_s=100.0)
    clock[0] = 107.25
    ask(desk, "kill")

    fields = json.loads(ask(desk, "risk_check", "").body)

    assert fields["snapshot"] == {"equity": "10"}
    assert fields["age_s"] == 7.25
    assert (fields["level"], fields["latch_ids"]) == ("kill", ["r1"])


def test_risk_check_before_the_first_snapshot_says_so(port):
    fields = json.loads(Desk(port).risk_check())

    assert fields["ok"] is True
    assert fields["snapshot"] is None
    assert "not said anything" in fields["detail"]


@pytest.mark.parametrize("body", [b"", b"{}\n", b'{"a":\n1}', b"x" * (128 * 1024 + 1)])
def test_snapshot_that_would_break_the_line_is_refused(body):
    with pytest.raises(ValueError, match="expected a snapshot"):
        SnapshotBox().put(body, now_s=0.0)
