"""The paper broker against whatever may stand behind its socket.

Deadlines hold, and no answer is believed without proof.
"""

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from hfl_core.brokers._answers import frame
from hfl_core.brokers.paper import Broker
from hfl_core.domain.errors import BrokerError
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.orders import OrderIntent, OrderType, Purpose, Side
from hfl_core.domain.values import with_changes
from tests.brokers.patience import ANSWER_S, until

ONE = ClientOrderId("hfp0000000000000001aaaaaaaaaa")
INTENT = OrderIntent(
    symbol=Symbol("AAA"),
    side=Side.BUY,
    type=OrderType.MARKET,
    purpose=Purpose.ENTRY,
    quantity=Decimal(1),
)
Answer = Callable[[dict], bytes]


class Pretender:
    """Answers each connection's first line with what `answer` makes of the request.

    None leaves it open and silent.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answer: Callable[[dict], bytes | None] = lambda _request: None
        self.requests: list[dict] = []
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                line = sock.makefile("rb").readline()
                if not line:
                    sock.close()
                    return
                request = json.loads(line.partition(b" ")[2])
                self.requests.append(request)
                answer = self.answer(request)
                if answer is not None:
                    sock.sendall(answer)
                    sock.close()
                    continue
            self._open.append(sock)

    def close(self) -> None:
        """End the thread by a last, empty connection."""
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
        self._thread.join(timeout=ANSWER_S)
        self._listener.close()
        for sock in self._open:
            sock.close()


@pytest.fixture
def pretender(tmp_path: Path) -> Iterator[Pretender]:
    made = Pretender(tmp_path / "venue.sock")
    yield made
    made.close()


def outcome(call: Callable[[], object]) -> tuple[str, str]:
    try:
        return "answer", str(call())
    except BrokerError as error:
        return error.reached.value, error.code


@pytest.mark.process
def test_nobody_there_is_a_certain_no_for_a_submit_and_nothing_for_a_read(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "nobody.sock")

    assert outcome(lambda: broker.submit(ONE, INTENT, deadline_s=0.2)) == ("no", "unreachable")
    assert outcome(lambda: broker.query(ONE, deadline_s=0.2)) == ("unknown", "unreachable")
    assert outcome(lambda: broker.account(deadline_s=0.2)) == ("unknown", "unreachable")


@pytest.mark.process
def test_a_number_that_is_none_is_never_sent(pretender: Pretender) -> None:
    broker = Broker(pretender.path)

    assert outcome(
        lambda: broker.submit(ONE, with_changes(INTENT, quantity=Decimal("NaN")), deadline_s=0.2)
    ) == ("no", "bad_quantity")
    assert pretender.requests == []


@pytest.mark.process
@pytest.mark.parametrize("pieces", [0, 1, 1_000])
def test_the_deadline_covers_the_whole_answer(pretender: Pretender, pieces: int) -> None:
    """Silent, cut, or dripping for ever.

    After the deadline the outcome is unknown, and one request was sent.
    """

    def drip(_request: dict) -> bytes | None:
        return None if pieces == 0 else b"x" * pieces

    pretender.answer = drip

    assert (
        outcome(lambda: Broker(pretender.path).submit(ONE, INTENT, deadline_s=0.2))[0] == "unknown"
    )
    # On a busy machine the deadline may pass before the pretender has read its line.
    until(lambda: pretender.requests)
    assert len(pretender.requests) == 1


@pytest.mark.process
def test_a_submit_carries_exactly_the_intent(pretender: Pretender) -> None:
    pretender.answer = lambda request: frame(
        {"id": request["id"], "client_id": ONE, "ok": True, "venue_id": "v7"}
    )
    intent = with_changes(
        INTENT,
        quantity=Decimal("0.10"),
        type=OrderType.LIMIT,
        limit_price=Decimal("1E+2"),
        purpose=Purpose.EXIT,
    )

    assert Broker(pretender.path).submit(ONE, intent, deadline_s=ANSWER_S) == "v7"
    (request,) = pretender.requests
    assert (request["quantity"], request["limit_price"], request["stop_price"]) == (
        "0.1",
        "100",
        None,
    )
    assert (request["client_id"], request["reduce_only"], request["account"]) == (
        ONE,
        True,
        "paper",
    )
    assert "reason" not in request


GOOD: dict[str, dict] = {
    "submit": {"venue_id": "v7"},
    "refused": {"code": "insufficient_cash", "text": "too little"},
    "cancel": {"outcome": "cancelled"},
    "query": {
        "order": {
            "client_id": ONE,
            "venue_id": "v7",
            "symbol": "AAA",
            "side": "buy",
            "status": "filled",
            "quantity": "2",
            "filled": "2",
            "fills": [
                {
                    "client_id": ONE,
                    "fill_id": "v7.1",
                    "symbol": "AAA",
                    "side": "buy",
                    "price": "10",
                    "quantity": "2",
                    "fee": "0",
                    "at_ns": 1,
                }
            ],
            "text": "",
        }
    },
}


def good_line(kind: str, request: dict) -> bytes:
    return frame({"id": request["id"], "client_id": ONE, "ok": kind != "refused", **GOOD[kind]})


def call(broker: Broker, kind: str) -> Callable[[], object]:
    if kind == "cancel":
        return lambda: broker.cancel(ONE, deadline_s=ANSWER_S)
    if kind == "query":
        return lambda: broker.query(ONE, deadline_s=ANSWER_S)
    return lambda: broker.submit(ONE, INTENT, deadline_s=ANSWER_S)


@pytest.mark.process
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_the_unchanged_answers_are_believed(pretender: Pretender, kind: str) -> None:
    pretender.answer = lambda request: good_line(kind, request)
    found = outcome(call(Broker(pretender.path), kind))

    assert found[0] == ("no" if kind == "refused" else "answer")


def mutated(line: bytes, rng: random.Random) -> bytes:
    """Change some bytes, or cut, swap, repeat or add a stretch."""
    changed = bytearray(line)
    spot = rng.randrange(len(changed))
    stretch = rng.randrange(1, 20)
    match rng.randrange(6):
        case 0:
            changed[spot] ^= 1 << rng.randrange(8)
        case 1:
            del changed[spot:]
            changed += b"\n" * rng.randrange(2)
        case 2:
            del changed[spot : spot + stretch]
        case 3:
            changed[spot:spot] = rng.randbytes(stretch)
        case 4:
            changed[spot:spot] = changed[spot : spot + stretch]
        case _:
            changed[spot : spot + stretch] = bytes(
                rng.choice(b'{}[]",:0123456789truefalsn') for _ in range(stretch)
            )
    return bytes(changed)


@pytest.mark.process
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_1000_mutated_answers_give_no_false_accept_and_no_false_rejection(
    pretender: Pretender, kind: str
) -> None:
    rng = random.Random(kind)
    broker = Broker(pretender.path)
    sent: list[tuple[bytes, bytes]] = []

    def answer(request: dict) -> bytes:
        line = good_line(kind, request)
        sent.append((line, mutated(line, rng)))
        return sent[-1][1]

    pretender.answer = answer
    proven = 0
    for _ in range(1_000):
        found = outcome(call(broker, kind))
        line, changed = sent[-1]
        # What stands behind the first whole line is never read; a line left intact is the truth.
        is_intact = changed.partition(b"\n")[0] + b"\n" == line and changed.count(b"\n") >= 1
        if is_intact:
            proven += 1
        else:
            assert found[0] == "unknown", changed

    assert len(sent) == 1_000
    assert proven < 200


def wrong_values(value: object) -> list[object]:
    return [
        None,
        5,
        -1,
        "",
        [],
        {},
        True,
        "x" * 5,
        "NaN",
        "Infinity",
        "-3",
        1.5,
        [value],
        {"a": value},
    ]


def spoilt_bodies(body: dict) -> Iterator[dict]:
    """Every body with one field missing or of a wrong value, at any depth."""
    for name, value in body.items():
        yield {key: each for key, each in body.items() if key != name}
        for wrong in wrong_values(value):
            if wrong != value:
                yield {**body, name: wrong}
        if isinstance(value, dict):
            yield from ({**body, name: spoilt} for spoilt in spoilt_bodies(value))
        if isinstance(value, list) and value:
            yield from ({**body, name: [spoilt]} for spoilt in spoilt_bodies(value[0]))


# Free text and fields whose other values are as good: a wrong one proves nothing less.
FREE = {"text", "fill_id", "venue_id", "symbol", "fee", "at_ns", "price"}


@pytest.mark.process
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_whole_answers_with_a_wrong_field_prove_nothing(pretender: Pretender, kind: str) -> None:
    """The checksum holds here, so that only the schema stands between the answer and the bot."""
    bodies = list(
        spoilt_bodies({"id": "ID", "client_id": ONE, "ok": kind != "refused", **GOOD[kind]})
    )
    broker = Broker(pretender.path)
    good = outcome_of(pretender, broker, kind, lambda request: good_line(kind, request))
    for body in bodies:
        found = outcome_of(pretender, broker, kind, echoing(body))
        if found[0] != "unknown":
            assert is_harmless(kind, body, found, good), (body, found)

    assert len(bodies) > 30


def echoing(body: dict) -> Answer:
    """Answer with this body, its id replaced by the request's where it says ID."""

    def answer(request: dict) -> bytes:
        return frame({**body, "id": request["id"]} if body.get("id") == "ID" else body)

    return answer


def outcome_of(pretender: Pretender, broker: Broker, kind: str, answer: Answer) -> tuple[str, str]:
    pretender.answer = answer
    return outcome(call(broker, kind))


def is_harmless(kind: str, body: dict, found: tuple[str, str], good: tuple[str, str]) -> bool:
    """A definite answer is allowed when it says what the body proves.

    Same verdict, only free fields changed.
    """
    if kind == "refused":
        return found == good and body["code"] == "insufficient_cash"
    if kind == "submit":
        return found == ("answer", body["venue_id"])
    if kind == "query":
        order = body["order"]
        return order is None or {
            name for name in order if order[name] != GOOD["query"]["order"][name]
        } <= FREE | {"fills"}
    return found == good


@pytest.mark.process
def test_codes_outside_the_list_are_unknown(pretender: Pretender) -> None:
    broker = Broker(pretender.path)
    for code in [
        "bad_request",
        "internal_error",
        "INSUFFICIENT_CASH",
        "rejected",
        "not_found",
        "timeout",
        "error",
        "0",
    ]:
        body = {"id": "ID", "client_id": ONE, "ok": False, "code": code, "text": "no"}
        pretender.answer = echoing(body)

        assert outcome(lambda: broker.submit(ONE, INTENT, deadline_s=ANSWER_S)) == ("unknown", code)


@pytest.mark.process
def test_a_definite_code_that_answers_a_read_proves_nothing(pretender: Pretender) -> None:
    pretender.answer = lambda request: frame(
        {"id": request["id"], "client_id": ONE, "ok": False, "code": "rate_limited", "text": "no"}
    )

    assert outcome(lambda: Broker(pretender.path).query(ONE, deadline_s=ANSWER_S)) == (
        "unknown",
        "rate_limited",
    )


@pytest.mark.process
def test_another_accounts_fills_are_not_ours(pretender: Pretender) -> None:
    pretender.answer = lambda request: frame(
        {"id": request["id"], "ok": True, "venue": "paper", "account": "other", "events": []}
    )

    assert outcome(lambda: Broker(pretender.path).poll(0, deadline_s=ANSWER_S)) == (
        "unknown",
        "bad_answer",
    )
