"""What a change of settings does, key by key, and taking it over.

What lowers risk at once, what raises it after a wait (`risk.raise_delay_h`).

The limits themselves are the engine's: it journals what holds and what waits, whatever the file
says. Of every other setting that raises risk the value that still holds stands in `pending.json`
beside the settings until the wait is over.
"""

# Paths are text in this room, see paths.py.
# ruff: noqa: PTH105, PTH120, PTH123

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic import ValidationError

from hfl_config._errors import config_error, dotted
from hfl_config._toml import read_text
from hfl_config.load import LoadedConfig, canonical, load, load_text, loaded
from hfl_config.model import HflConfig
from hfl_config.paths import HomePaths
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.limit_changes import ANY, WEAKER

HOUR_NS: Final = 3_600 * 1_000_000_000
LIMIT_PATHS: Final = (("risk", "limits"), ("risk", "raise_delay_h"))
TOKEN_LENGTH: Final = 8
PENDING_VERSION: Final = 1
BACKUPS_MAX: Final = 1000
# Which way a change of these allows more: +1 a larger number, -1 a smaller one.
_LOOSER: Final[dict[tuple[str, ...], int]] = {
    **{("risk", "limits", name): way for name, way in WEAKER.items() if way != ANY},
    ("risk", "raise_delay_h"): -1,
    ("gateway", "intent_age_max_s"): 1,
    ("gateway", "price_age_max_s"): 1,
    ("gateway", "orders_per_minute_max"): 1,
    ("gateway", "repeat_throttle_s"): -1,
}
# Any change of these may allow more: another day begins elsewhere, another currency counts as ours.
_ANY_CHANGE: Final = frozenset(
    {
        *(("risk", "limits", name) for name, way in WEAKER.items() if way == ANY),
        ("account", "equal_currencies"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key that differs.

    old, new: canonical JSON text, empty where the key is absent.

    is_risk_raised: more may be lost than before; effective_from_ns: UTC nanoseconds, None for at
    once, and for the limits, whose wait is the engine's.
    """

    path: tuple[str, ...]
    old: str
    new: str
    is_risk_raised: bool
    effective_from_ns: int | None

    @property
    def key(self) -> str:
        """The key as a person writes it."""
        return dotted(self.path)

    @property
    def is_limit(self) -> bool:
        """Tell whether the engine itself makes it wait."""
        return self.path[:2] in LIMIT_PATHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `config apply` would do.

    token: to be typed back; it fits only these very files and this very plan.
    """

    changes: tuple[Change, ...]
    token: str
    candidate: str
    candidate_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was done. backup: the copy of the former settings, empty when there were none."""

    changes: tuple[Change, ...]
    backup: str


def check(candidate: str) -> LoadedConfig:
    """Return the configuration that a file would give. Raises ConfigError with one sentence."""
    return load(candidate, is_required=True)


def load_effective(
    paths: HomePaths, *, now_ns: int, settings: Sequence[str] = ()
) -> tuple[LoadedConfig, tuple[Change, ...]]:
    """Load the user's settings as in force at now_ns, with what still waits held back.

    Raises ConfigError.
    """
    written = load(paths.config_file, settings=settings)
    pending = tuple(item for item in read_pending(paths) if (item.effective_from_ns or 0) > now_ns)
    pending = tuple(item for item in pending if not item.is_limit)
    return (hold(written, pending), pending) if pending else (written, ())


def differences(old: HflConfig, new: HflConfig, *, now_ns: int | None = None) -> tuple[Change, ...]:
    """Return every key whose value differs, in name order.

    With now_ns, raised ones take effect after the wait of the old settings.
    """
    before, after = flatten(old), flatten(new)
    changes: list[Change] = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path, ""), after.get(path, "")
        if was == now:
            continue
        is_raised = _is_raised(path, _with_class(path, before), _with_class(path, after))
        is_waiting = is_raised and now_ns is not None and path[:2] not in LIMIT_PATHS
        due = (now_ns or 0) + int(old.risk.raise_delay_h * HOUR_NS) if is_waiting else None
        changes.append(
            Change(path=path, old=was, new=now, is_risk_raised=is_raised, effective_from_ns=due)
        )
    return tuple(changes)


def hold(written: LoadedConfig, pending: Sequence[Change]) -> LoadedConfig:
    """Return the configuration with pending keys at the old value where the file asks for more."""
    tables = json.loads(written.blob)
    asked = flatten(written.config)
    for change in pending:
        if _is_raised(change.path, change.old, asked.get(change.path, "")):
            _put(tables, change.path, change.old)
    try:
        config = HflConfig.model_validate_json(json.dumps(tables))
    except ValidationError as error:
        raise config_error(error, []) from error
    return loaded(config)


def plan(paths: HomePaths, candidate: str, *, now_ns: int) -> Plan:
    """Return what taking the candidate file over would change, and the token for it.

    Raises ConfigError.
    """
    text = read_text(candidate)
    new = _as_user_file(text, candidate, paths)
    current, pending = load_effective(paths, now_ns=now_ns)
    waiting = {(item.path, item.new): item for item in pending}
    changes = tuple(
        waiting.get((change.path, change.new), change) if change.is_risk_raised else change
        for change in differences(current.config, new.config, now_ns=now_ns)
    )
    current_text = read_text(paths.config_file) if os.path.lexists(paths.config_file) else ""
    # The time is left out of the token: it may be typed back a while later.
    keys = [[list(item.path), item.old, item.new] for item in changes]
    content = json.dumps([current_text, text, keys]).encode()
    token = hashlib.sha256(content).hexdigest()[:TOKEN_LENGTH]
    return Plan(changes=changes, token=token, candidate=candidate, candidate_text=text)


def apply(paths: HomePaths, candidate: str, *, token: str, now_ns: int) -> Applied:
    """Take a candidate file over after its plan was shown.

    Backup, pending raises, then the settings, each atomically.

    Raises ConfigError when the token does not fit, because a file changed since, and when nothing
    can be written.
    """
    current_plan = plan(paths, candidate, now_ns=now_ns)
    if token != current_plan.token:
        raise ConfigError(
            f"expected the token that `config diff` shows for these very files, found {token!r}: "
            f"look at the difference again and type its token"
        )
    raised = tuple(c for c in current_plan.changes if c.is_risk_raised and not c.is_limit)
    try:
        backup = _backup(paths.config_file)
        # First what holds the raises back: a crash in between leaves the old settings, which it
        # does not touch.
        _write_atomically(paths.pending_file, _pending_bytes(raised))
        _write_atomically(paths.config_file, current_plan.candidate_text.encode())
    except OSError as error:
        raise ConfigError(
            f"expected to write the settings in {paths.config}, found {error.strerror}: nothing "
            f"was taken over; "
            f"free space or make the folder writable"
        ) from error
    return Applied(changes=current_plan.changes, backup=backup)


def read_pending(paths: HomePaths) -> tuple[Change, ...]:
    """Return the raised limits that wait, due or not.

    Raises ConfigError when the file is not as written.
    """
    if not os.path.lexists(paths.pending_file):
        return ()
    text = read_text(paths.pending_file)
    try:
        content = json.loads(text)
        if content["version"] != PENDING_VERSION:
            raise ValueError("another version")  # noqa: TRY301 - told below with the rest
        return tuple(_pending_change(item) for item in content["held"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"expected the waiting limits as written in {paths.pending_file}, found other content: "
            f"remove the file only if no raised limit is waiting"
        ) from error


def flatten(config: HflConfig) -> dict[tuple[str, ...], str]:
    """Return every value by its path, as canonical JSON text; an empty list is a value."""
    return dict(_flat(json.loads(canonical(config)), ()))


def _flat(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _flat(value, (*path, key))
    elif node != {}:
        yield path, json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _with_class(path: tuple[str, ...], flat: Mapping[tuple[str, ...], str]) -> str:
    # A symbol's missing term is its class's.
    if path in flat or path[:2] != ("instruments", "symbols") or len(path) != 4:
        return flat.get(path, "")
    name = flat.get((*path[:3], "asset_class"), '""')
    return flat.get(("instruments", "classes", json.loads(name), path[3]), "")


def _is_raised(path: tuple[str, ...], old: str, new: str) -> bool:
    if old == new:
        return False
    if path in _ANY_CHANGE:
        return True
    if path[0] == "instruments":
        return _is_term_raised(path[-1], old, new)
    if path == ("operator", "policy"):
        return new == '"next-period"'
    direction = _LOOSER.get(path)
    if direction is None or not old or not new:
        return False
    return direction * (_number(new) - _number(old)) > 0


def _is_term_raised(term: str, old: str, new: str) -> bool:
    if term == "may_short":
        return new == "true"
    if term == "margin_fraction":
        return bool(new) and (not old or _number(new) < _number(old))
    return False


def _number(text: str) -> Decimal:
    # Exact numbers are texts in canonical JSON, whole ones are not.
    return Decimal(json.loads(text))


def _put(tables: dict[str, object], path: tuple[str, ...], text: str) -> None:
    node = tables
    for part in path[:-1]:
        below = node.setdefault(part, {})
        if not isinstance(below, dict):
            return
        node = below
    if text:
        node[path[-1]] = json.loads(text)
    else:
        node.pop(path[-1], None)


def _as_user_file(text: str, candidate: str, paths: HomePaths) -> LoadedConfig:
    # Errors name the candidate; relative paths are read as they will be once the file is in its
    # place.
    load_text(text, candidate)
    return load_text(text, paths.config_file)


def _pending_bytes(raised: Sequence[Change]) -> bytes:
    held = [
        {
            "path": list(item.path),
            "old": item.old,
            "new": item.new,
            "effective_from_ns": item.effective_from_ns,
        }
        for item in raised
    ]
    return json.dumps({"version": PENDING_VERSION, "held": held}, indent=1).encode()


def _pending_change(item: Mapping[str, object]) -> Change:
    path, old, new, due = item["path"], item["old"], item["new"], item["effective_from_ns"]
    if not isinstance(path, list) or not path or not all(isinstance(part, str) for part in path):
        raise TypeError("path")
    if not isinstance(old, str) or not isinstance(new, str) or type(due) is not int:
        raise TypeError("held values")
    for text in (old, new):
        json.loads(text or "null")
    return Change(path=tuple(path), old=old, new=new, is_risk_raised=True, effective_from_ns=due)


def _backup(path: str) -> str:
    if not os.path.lexists(path):
        return ""
    with open(path, "rb") as file:
        content = file.read()
    for number in range(1, BACKUPS_MAX + 1):
        backup = f"{path}.{number:04d}.bak"
        if not os.path.lexists(backup):
            _write_atomically(backup, content)
            return backup
    raise ConfigError(
        f"expected fewer than {BACKUPS_MAX} backups of {path}, found them all: remove the oldest"
    )


def _write_atomically(path: str, content: bytes) -> None:
    temporary = f"{path}.new"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
