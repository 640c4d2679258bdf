"""Events to canonical JSON bytes and back, with upcasters for the shapes of older versions.

A body has exactly two keys: `data`, the event's fields, and `env`, the envelope. Keys are sorted,
separators are bare, text is UTF-8, and no number but integers appears. The envelope stands last,
so that one comparison of a row's tail checks all its columns.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from hfl_core.domain.errors import JournalError
from hfl_core.domain.events import (
    EVENT_BY_KIND,
    Event,
    Filled,
    OrderIntended,
    SendAttempted,
    Transitioned,
)
from hfl_core.domain.money import plain
from hfl_core.domain.values import Value, field_names, with_changes

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]
Upcaster = Callable[[dict[str, Json]], dict[str, Json]]

# (kind, version) -> what turns the fields of that version into those of version + 1.
UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
# Kinds too frequent to be worth an index entry of their own.
BULK_KINDS: Final = frozenset({"Transitioned", "TimePassed"})
KIND_MARK: Final = "@"
SHAPES_MAX: Final = 256
# The moves of the state machine without a reason of their own are as many as its table has.
CONSTANTS_MAX: Final = 64

_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_PLAIN_TYPES: Final = frozenset({str, int, bool, type(None)})
_Fields = tuple[
    tuple[str, ...],
    Callable[[object], tuple[object, ...]],
    dict[tuple[type, ...], tuple[int, ...]],
]
# What needs no look: the plain types, and every enum met so far.
_SAFE_TYPES: Final[set[type]] = {str, int, bool, type(None)}
# Records inside events, by class: field names, a getter of all of them, and as in Plan the
# positions that need a look, by field types.
_FIELDS: Final[dict[type, _Fields]] = {}


class Encoded(NamedTuple):
    """What a row needs to know of an event.

    Its fields as bytes, its unique key and what it is about.
    """

    data: bytes
    key: str | None
    ref: str | None


class Plan:
    """How events of one class are encoded.

    shapes: seen field types -> positions needing a look; types, shape: those of the last event,
    which nearly always fit the next one, too; seen: by position the last value that was found as it
    should be, which need not be looked at again when it comes again: it cannot have changed;
    constants: events that are used again and again, by identity, with their bytes.
    """

    __slots__ = (
        "constants",
        "kind",
        "mark",
        "names",
        "reference",
        "seen",
        "shape",
        "shapes",
        "types",
        "unique",
        "values",
        "version",
    )

    def __init__(self, cls: type[Event]) -> None:
        names = field_names(cls)
        self.kind = cls.__name__
        self.version = cls.VERSION
        self.names = names
        self.values = _getter(names)
        self.shapes: dict[tuple[type, ...], tuple[int, ...]] = {}
        self.types: tuple[type, ...] = ()
        self.shape: tuple[int, ...] = ()
        self.seen: list[object] = [None] * len(names)
        self.constants: dict[int, tuple[Event, bytes]] = {}
        self.unique = _UNIQUE.get(cls)
        self.reference = _reference_of(cls, names)
        self.mark = None if self.kind in BULK_KINDS else KIND_MARK + self.kind

    def is_roomy(self) -> bool:
        """Tell whether one more constant may be kept."""
        return len(self.constants) < CONSTANTS_MAX


def plan_of(cls: type[Event]) -> Plan:
    """Return the encoding plan of an event class, made at its first use."""
    plan = _PLANS.get(cls)
    if plan is None:
        if EVENT_BY_KIND.get(cls.__name__) is not cls:
            raise JournalError(
                f"expected an event of the domain's closed union, found {cls.__name__}: "
                "add it to hfl_core/domain/events.py"
            )
        plan = _PLANS[cls] = Plan(cls)
    return plan


def encode_event(event: Event) -> Encoded:
    """Return the canonical bytes of an event's fields with its key and reference.

    Raises JournalError for a float, NaN, infinity, or anything that would not read back as it is.
    """
    plan = plan_of(type(event))
    data = encode_fields(plan, event)
    return Encoded(
        data,
        plan.unique(event) if plan.unique is not None else None,
        plan.reference(event) if plan.reference is not None else None,
    )


def encode_fields(plan: Plan, event: Event) -> bytes:
    """Return the canonical bytes of an event's fields; raises JournalError as encode_event does."""
    if plan.constants:
        known = plan.constants.get(id(event))
        if known is not None and known[0] is event:
            return known[1]
    values = plan.values(event)
    types = tuple(map(type, values))
    if types != plan.types:
        shape = plan.shapes.get(types)
        plan.shape = _learn_shape(plan, event, values) if shape is None else shape
        plan.types = types
    if plan.shape:
        event = _canonical_event(plan, event, values)
    try:
        data = _ENCODER.encode(event)
    except (UnicodeEncodeError, OverflowError, TypeError, ValueError) as error:
        raise _unwritable(plan.kind, str(error)) from error
    if isinstance(event, Transitioned) and not event.reason and plan.is_roomy():
        plan.constants[id(event)] = (event, data)
    return data


def envelope_template(*, kind: str, version: int, run_id: str, actor: str) -> bytes:
    """Return the tail of a body as a `%` template over (boot, cause, mono, seq, time, wall)."""
    head, tail = (_text(value).replace("%", "%%") for value in (actor, run_id))
    return (
        f',"env":{{"actor":{head},"boot_ns":%d,"cause_seq":%d,"kind":{_text(kind)},'
        f'"mono_ns":%d,"run_id":{tail},"seq":%d,"time_ns":%d,"version":{version},"wall_ns":%d}}}}'
    ).encode()


def decode_event(kind: str, version: int, body: bytes) -> Event:
    """Return the typed event of a stored body, upcast from an older version.

    Raises JournalError for a kind or version this code does not know, or fields that do not fit.
    """
    decoder = _DECODERS.get((kind, version))
    if decoder is None:
        decoder = _DECODERS[kind, version] = _decoder_for(kind, version)
    try:
        return decoder(body)
    except (msgspec.DecodeError, ValueError) as error:
        raise JournalError(
            f"expected the fields of {kind} version {version}, found a body that does not fit "
            f"({error}): verify the journal (hfl journal verify)"
        ) from error


def canonical_json(value: Mapping[str, Json]) -> bytes:
    """Return a record as canonical JSON bytes: sorted keys, bare separators, UTF-8. For heads."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def references_of(kind: str, encoded: Encoded) -> tuple[str, ...]:
    """Return the index entries of a row: its kind unless a bulk one, and what it is about."""
    about = () if encoded.ref is None else (encoded.ref,)
    return about if kind in BULK_KINDS else (KIND_MARK + kind, *about)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _getter(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    if len(names) == 1:
        single = attrgetter(names[0])
        return lambda record: (single(record),)
    return attrgetter(*names) if names else lambda _: ()


def _reference_of(cls: type[Event], names: tuple[str, ...]) -> Callable[[Event], str] | None:
    if cls is Filled:
        return attrgetter("fill.client_id")
    for name in ("client_id", "request_id"):
        if name in names:
            return attrgetter(name)
    return None


def fill_key(fill: Filled) -> str:
    """Return what makes a fill unique: (venue, account, client order id, fill id)."""
    return f"fill:{fill.venue}|{fill.account}|{fill.fill.client_id}|{fill.fill.fill_id}"


_intent_id: Final = attrgetter("client_id")
_UNIQUE: Final[dict[type[Event], Callable[[Event], str]]] = {
    OrderIntended: lambda event: f"intent:{_intent_id(event)}",
    SendAttempted: lambda event: f"send:{_intent_id(event)}",
    Filled: fill_key,  # type: ignore[dict-item]  # only ever called with the class of its key
}
_PLANS: Final[dict[type[Event], Plan]] = {}
_DECODERS: Final[dict[tuple[str, int], Callable[[bytes], Event]]] = {}


def _learn_shape(plan: Plan, event: Event, values: tuple[object, ...]) -> tuple[int, ...]:
    """Check the field types of a first event of this shape; return the positions to look at always.

    Reading the bytes back as the declared types is slow, so it is done once a combination of types.
    """
    walked = tuple(_walk(plan.kind, value) for value in values)
    sample = with_changes(event, **dict(zip(plan.names, walked, strict=True)))
    decode = _typed_decoder(type(event))
    try:
        decode(b'{"data":' + _ENCODER.encode(sample) + b"}")
    except (UnicodeEncodeError, OverflowError, TypeError, ValueError) as error:
        raise _unwritable(plan.kind, str(error)) from error
    shape = tuple(
        position
        for position, value in enumerate(values)
        if type(value) not in _PLAIN_TYPES and not isinstance(value, Enum)
    )
    if len(plan.shapes) < SHAPES_MAX:
        plan.shapes[tuple(map(type, values))] = shape
    return shape


def _canonical_event(plan: Plan, event: Event, values: tuple[object, ...]) -> Event:
    changed: dict[str, object] = {}
    seen = plan.seen
    for position in plan.shape:
        value = values[position]
        if value is seen[position] or (not value and type(value) is tuple):
            continue
        walked = _walk(plan.kind, value)
        if walked is not value:
            changed[plan.names[position]] = walked
        else:
            seen[position] = value
    return with_changes(event, **changed) if changed else event


def _walk(kind: str, value: object) -> object:
    """Return the value with every Decimal canonical: the very same object when nothing changed."""
    cls = type(value)
    if cls in _SAFE_TYPES:
        return value
    if cls is Decimal:
        return _canonical_decimal(kind, value)  # type: ignore[arg-type]
    if isinstance(value, tuple):
        if _is_safe(value):
            return value
        items = [_walk(kind, item) for item in value]
        return value if all(map(_is_same, items, value)) else tuple(items)
    if isinstance(value, Enum):
        _SAFE_TYPES.add(cls)  # as many as the domain has enums
        return value
    if isinstance(value, Value):
        return _walk_record(kind, value)
    raise _unwritable(kind, f"a {cls.__name__} {value!r}")


def _is_safe(values: tuple[object, ...]) -> bool:
    """Tell whether a tuple holds nothing to look at: plain values, or tuples or records of them.

    Looking at every item in Python costs ten times as much.
    """
    kinds = set(map(type, values))
    if kinds <= _SAFE_TYPES:
        return True
    if len(kinds) != 1:
        return False
    (kind,) = kinds
    if kind is tuple:
        parts: Iterable[Iterable[object]] = values  # type: ignore[assignment]  # tuples, all of them
    elif kind in _FIELDS:
        parts = map(_FIELDS[kind][1], values)
    else:
        return False
    return _SAFE_TYPES.issuperset(map(type, chain.from_iterable(parts)))


def _walk_record(kind: str, value: Value) -> object:
    cls = type(value)
    names, values_of, shapes = _FIELDS.get(cls) or _learn_fields(cls)
    values = values_of(value)
    types = tuple(map(type, values))
    shape = shapes.get(types)
    if shape is None:
        shape = tuple(n for n, each in enumerate(types) if each not in _SAFE_TYPES)
        if len(shapes) < SHAPES_MAX:
            shapes[types] = shape
    changed: dict[str, object] = {}
    for position in shape:
        field = values[position]
        walked = _walk(kind, field)
        if walked is not field:
            changed[names[position]] = walked
    return with_changes(value, **changed) if changed else value


def _learn_fields(cls: type[Value]) -> _Fields:
    names = field_names(cls)
    known = _FIELDS[cls] = (names, _getter(names), {})
    return known


def _is_same(left: object, right: object) -> bool:
    return left is right


def _canonical_decimal(kind: str, value: Decimal) -> Decimal:
    text = str(value)
    if "." in text:
        is_canonical = text[-1] != "0" and "E" not in text
    else:
        is_canonical = text.isdigit() or (text != "-0" and text[1:].isdigit())
    if is_canonical:
        return value
    if not value.is_finite():
        raise _unwritable(kind, f"the number {value}")
    return Decimal(plain(value))


def _unwritable(kind: str, found: str) -> JournalError:
    return JournalError(
        f"expected {kind} made of text, integers and finite Decimals, found {found}: "
        "pass real numbers as text (events.number_text)"
    )


def _typed_decoder(cls: type[Event]) -> Callable[[bytes], Event]:
    body = msgspec.defstruct("Body", [("data", cls)])
    decode = msgspec.json.Decoder(body).decode
    return lambda raw: decode(raw).data  # type: ignore[attr-defined]


def _decoder_for(kind: str, version: int) -> Callable[[bytes], Event]:
    cls = EVENT_BY_KIND.get(kind)
    if cls is None:
        raise JournalError(
            f"expected an event kind this version knows, found {kind!r}: "
            "open the journal with the version that wrote it, or a newer one"
        )
    if version == cls.VERSION:
        return _typed_decoder(cls)
    if version > cls.VERSION or version < 1:
        raise JournalError(
            f"expected {kind} up to version {cls.VERSION}, found version {version}: "
            "open the journal with the version that wrote it, or a newer one"
        )
    return _upcasting_decoder(cls, kind, version)


def _upcasting_decoder(cls: type[Event], kind: str, version: int) -> Callable[[bytes], Event]:
    steps = [UPCASTERS.get((kind, old)) for old in range(version, cls.VERSION)]
    if None in steps:
        raise JournalError(
            f"expected an upcaster for every version of {kind} from {version} to {cls.VERSION}, "
            "found a gap: reinstall this version of the program"
        )

    def decode(body: bytes) -> Event:
        fields = msgspec.json.decode(body)["data"]
        for step in steps:
            assert step is not None  # a gap was refused above
            fields = step(fields)
        return msgspec.convert(fields, cls, str_keys=True)

    return decode
