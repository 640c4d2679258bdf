"""The venue's misbehaviour, planned by a seed: which fault fires at which call. Pure.

No randomness of its own.

Knows nothing of sockets: it says what shall happen, whoever serves the call does it. Whether a
fault fires at a call is a function of seed, fault, verb and the call's number alone, so a restarted
venue goes on where it was.

A spec is a list of faults parted by semicolons: `name[@verb] [n=3|7] [p=0.1] [s=0.5] [calls=5]
[queries=2] [kind=html]`. `n`: the n-th calls of that verb; `p`: probability of each; neither:
always. FAULTS tells names, verbs and what each stands for.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from hfl_core.domain.events import Filled, OrderEnded
from hfl_core.domain.ids import FillId
from hfl_core.domain.orders import Fill, OrderReport
from hfl_core.domain.values import with_changes
from hfl_core.venue.protocol import BROKER_VERBS

READS: Final = ("query", "poll", "open_orders", "account")
GARBAGE_KINDS: Final = ("cut", "empty", "html", "null", "wrong_id", "no_proof")
DURATION_S_DEFAULT: Final = 0.05
REPEAT_EVENTS_MAX: Final = 20
_NANOSECONDS: Final = 1_000_000_000


class FaultKind(NamedTuple):
    """verbs: where it may strike; failures.

    Rows of the catalogue in docs (reliability, orders and time); meaning: in words.
    """

    verbs: tuple[str, ...]
    failures: tuple[int, ...]
    meaning: str
    is_call: bool = True


_ORDERS: Final = ("submit", "cancel")
FAULTS: Final[dict[str, FaultKind]] = {
    "delay": FaultKind(
        BROKER_VERBS, (3,), "the call is carried out, the answer comes s seconds later"
    ),
    "slow": FaultKind(BROKER_VERBS, (3,), "the answer drips in over s seconds"),
    "timeout_before": FaultKind(BROKER_VERBS, (1, 3, 14), "not carried out, no answer"),
    "timeout_after": FaultKind(
        (*_ORDERS, "move_cash"), (2, 3, 7), "carried out, no answer: accept, then drop"
    ),
    "silence": FaultKind(READS, (18, 22), "a read is not answered"),
    "garbage": FaultKind(
        BROKER_VERBS,
        (5,),
        "carried out, the answer is cut, empty, HTML, null, about another id, or lacks its proof",
    ),
    "unclear": FaultKind(
        BROKER_VERBS, (6,), "carried out, the answer is an error that says nothing certain"
    ),
    "reject": FaultKind(("submit",), (6, 32), "a definite rejection"),
    "rate_limit": FaultKind(BROKER_VERBS, (4, 33), "not looked at: too many calls"),
    "maintenance": FaultKind(
        BROKER_VERBS, (30,), "this call and the next (calls - 1) of any verb are not looked at"
    ),
    "restart_before": FaultKind(
        BROKER_VERBS, (1, 18), "the venue's process ends before it carries the call out"
    ),
    "restart_after": FaultKind(
        BROKER_VERBS, (2, 3), "the venue's process ends after carrying it out, before the answer"
    ),
    "duplicate_fills": FaultKind(
        ("poll",), (9,), "a poll repeats up to 20 events from before its cursor", is_call=False
    ),
    "reorder_fills": FaultKind(
        ("poll",), (11,), "the events of a poll come shuffled", is_call=False
    ),
    "lose_fills": FaultKind(
        ("poll",),
        (12, 13),
        "a fill never appears in polls, only in queries and the account",
        is_call=False,
    ),
    "not_found_lag": FaultKind(
        ("query",),
        (7, 8),
        "an order is not found for s seconds of venue time, or the first `queries` queries",
        is_call=False,
    ),
    "reuse_fill_ids": FaultKind(
        ("poll",), (10,), "fill ids are unique in their order only", is_call=False
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One planned fault. nth: call numbers from 1, empty for any; probability.

    Of each call, 1 for always.
    """

    name: str
    verb: str
    position: int
    nth: frozenset[int] = frozenset()
    probability: float = 1.0
    duration_s: float = DURATION_S_DEFAULT
    calls: int = 1
    queries: int = 0
    kind: str = ""


def parse_faults(spec: str) -> tuple[Fault, ...]:
    """Read a spec. Raises ValueError with one sentence."""
    parts = [part.split() for part in spec.split(";") if part.strip()]
    return tuple(_parse_fault(words, position) for position, words in enumerate(parts))


def _parse_fault(words: Sequence[str], position: int) -> Fault:
    name, _, verb = words[0].partition("@")
    if name not in FAULTS:
        raise ValueError(f"expected a fault of {', '.join(FAULTS)}, found {name!r}")
    verb = verb or (FAULTS[name].verbs[0] if len(FAULTS[name].verbs) == 1 else "*")
    if verb != "*" and verb not in FAULTS[name].verbs:
        raise ValueError(f"expected {name} at {', '.join(FAULTS[name].verbs)} or *, found {verb!r}")
    fault = Fault(name=name, verb=verb, position=position)
    for word in words[1:]:
        key, _, value = word.partition("=")
        try:
            fault = _with_option(fault, key, value)
        except ValueError as error:
            raise ValueError(
                f"expected n=, p=, s=, calls=, queries= or kind= with a value after {name}, found "
                f"{word!r}"
            ) from error
    return fault


def _with_option(fault: Fault, key: str, value: str) -> Fault:
    if key == "n":
        return replace(fault, nth=frozenset(int(each) for each in value.split("|")))
    if key == "p" and 0 <= float(value) <= 1:
        return replace(fault, probability=float(value))
    if key == "s" and float(value) >= 0:
        return replace(fault, duration_s=float(value))
    if key == "calls" and int(value) > 0:
        return replace(fault, calls=int(value))
    if key == "queries" and int(value) >= 0:
        return replace(fault, queries=int(value))
    if key == "kind" and value in GARBAGE_KINDS:
        return replace(fault, kind=value)
    raise ValueError(key)


class FaultPlan:
    """The faults of one venue and how far they have come.

    Calls counted, faults fired, calls left under maintenance.
    """

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 0) -> None:
        self.seed = seed
        self.calls: dict[str, int] = {}
        self.fired: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self.maintenance_left = 0
        self._calls = tuple(fault for fault in faults if FAULTS[fault.name].is_call)
        self._streams = {fault.name: fault for fault in faults if not FAULTS[fault.name].is_call}

    def next_call(self, verb: str) -> Fault | None:
        """Count one call and return the fault that strikes it, if any.

        The first of the spec that fires.
        """
        number = self.calls[verb] = self.calls.get(verb, 0) + 1
        if self.maintenance_left:
            self.maintenance_left -= 1
            self._count("maintenance")
            return Fault(name="maintenance", verb=verb, position=-1)
        for fault in self._calls:
            if (
                fault.verb in (verb, "*")
                and verb in FAULTS[fault.name].verbs
                and self._fires(fault, verb, number)
            ):
                self._count(fault.name)
                if fault.name == "maintenance":
                    self.maintenance_left = fault.calls - 1
                return (
                    fault
                    if fault.kind
                    else replace(fault, kind=self._garbage_kind(fault, verb, number))
                )
        return None

    def polled(
        self, log: Sequence[Filled | OrderEnded], cursor: int, found: Sequence[Filled | OrderEnded]
    ) -> list[Filled | OrderEnded]:
        """Return what a poll shows instead of `found`, the honest answer behind the cursor."""
        events = list(found)
        if not self._streams:
            return events
        number = self.calls.get("poll", 0)
        fault = self._streams.get("duplicate_fills")
        if fault is not None and cursor and self._fires(fault, "poll", number):
            events = [*log[max(0, cursor - REPEAT_EVENTS_MAX) : cursor], *events]
            self._count(fault.name)
        fault = self._streams.get("lose_fills")
        if fault is not None:
            kept = [
                event
                for event in events
                if isinstance(event, OrderEnded) or not self._fires(fault, "fill", event.cursor)
            ]
            self._count(fault.name, len(events) - len(kept))
            events = kept
        fault = self._streams.get("reorder_fills")
        if fault is not None and len(events) > 1 and self._fires(fault, "poll", number):
            events.sort(key=lambda event: self._draw("order", number, event.cursor))
            self._count(fault.name)
        return [self._event_id(event) for event in events]

    def is_hidden(self, order: OrderReport, *, age_ns: int, is_query: bool) -> bool:
        """Tell whether a lookup does not find this order yet. age_ns.

        Venue time since its acceptance.
        """
        fault = self._streams.get("not_found_lag")
        if fault is None or not self._fires(fault, "lag", int(order.venue_id[1:])):
            return False
        asked = self.asked.get(order.client_id, 0)
        if is_query:
            asked = self.asked[order.client_id] = asked + 1
        is_hidden = (
            asked <= fault.queries if fault.queries else age_ns < fault.duration_s * _NANOSECONDS
        )
        self._count(fault.name, int(is_hidden))
        return is_hidden

    def shown(self, order: OrderReport) -> OrderReport:
        """Return the order as a lookup shows it."""
        if "reuse_fill_ids" not in self._streams:
            return order
        return with_changes(order, fills=tuple(_short_id(fill) for fill in order.fills))

    def _event_id(self, event: Filled | OrderEnded) -> Filled | OrderEnded:
        if isinstance(event, OrderEnded) or "reuse_fill_ids" not in self._streams:
            return event
        self._count("reuse_fill_ids")
        return with_changes(event, fill=_short_id(event.fill))

    def _fires(self, fault: Fault, verb: str, number: int) -> bool:
        if fault.nth:
            return number in fault.nth
        return self._draw(f"{fault.position}{fault.name}", verb, number) < fault.probability

    def _garbage_kind(self, fault: Fault, verb: str, number: int) -> str:
        return GARBAGE_KINDS[
            int(self._draw(f"kind{fault.position}", verb, number) * len(GARBAGE_KINDS))
        ]

    def _draw(self, *parts: str | int) -> float:
        text = "|".join(str(part) for part in (self.seed, *parts))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48

    def _count(self, name: str, times: int = 1) -> None:
        if times:
            self.fired[name] = self.fired.get(name, 0) + times


def _short_id(fill: Fill) -> Fill:
    return with_changes(fill, fill_id=FillId(fill.fill_id.rpartition(".")[2]))
