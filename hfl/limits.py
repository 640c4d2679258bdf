"""Which limits hold, which wait, by the journal alone: the same fold as the engine's book.

Rows are read as they are stored; nothing here decides.
"""

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from hfl.glance import Data, Glance
from hfl.words import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfl.home import Home
    from hfl_config.load import LoadedConfig
    from hfl_core.domain.limit_changes import Changed, Waiting

KINDS: Final = ("LimitsChanged", "LimitsScheduled")
HOUR_NS: Final = 3_600_000_000_000


class HeldLimits:
    """Limits as text. waiting: field -> (value from then on, UTC nanoseconds of then)."""

    __slots__ = ("texts", "waiting")

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        self.texts = {} if texts is None else texts
        self.waiting: dict[str, tuple[str, int]] = {}

    def number(self, name: str, default: str = "0") -> Decimal:
        """Return a limit as a number, the default when the journal does not know it."""
        return Decimal(self.texts.get(name, default))


class LimitsShown(NamedTuple):
    """What changes at once and everything that waits then, for a person."""

    at_once: "tuple[Changed, ...]" = ()
    waiting: "tuple[Waiting, ...]" = ()
    is_first: bool = False

    def text(self) -> str:
        """Return one line a limit; times are the engine's."""
        if self.is_first:
            return "  limits: no journal yet, the first start takes them at once\n"
        lines = [f"  limit at once    {name}: {old} -> {new}\n" for name, old, new in self.at_once]
        lines += [
            f"  limit waits      {name}: {old} -> {new} from {instant(due_ns)} (engine time)\n"
            for name, old, new, due_ns in self.waiting
        ]
        return "".join(lines)

    def as_record(self) -> Data:
        """Return it as JSON values."""
        return {
            "first_start": self.is_first,
            "at_once": [{"limit": n, "old": old, "new": new} for n, old, new in self.at_once],
            "waiting": [
                {"limit": n, "old": old, "new": new, "from": instant(due_ns)}
                for n, old, new, due_ns in self.waiting
            ],
        }


NO_CHANGE: Final = LimitsShown()


def held_limits(journal: Glance) -> HeldLimits:
    """Return the limits in force at the journal's end.

    A journal that an older version wrote names them in its last run's plan.
    """
    held = HeldLimits()
    for row in journal.of(KINDS):
        if row.kind == "LimitsScheduled":
            held.waiting = {name: (new, due) for name, _, new, due in row.data["waiting"]}
            continue
        for name, _, new in row.data["changes"]:
            held.texts[name] = new
            held.waiting.pop(name, None)
    if not held.texts:
        run = journal.newest("RunStarted")
        if run is not None and run.data.get("plan_blob"):
            recorded = json.loads(journal.blob(run.data["plan_blob"]))["limits"]
            held.texts = {name: str(value) for name, value in recorded.items()}
    return held


def asked_limits(loaded: "LoadedConfig") -> dict[str, str]:
    """Return what a configuration asks the engine for."""
    from hfl_core.domain.limit_changes import RAISE_DELAY, limits_text

    delay_ns = int(loaded.config.risk.raise_delay_h * HOUR_NS)
    return {**limits_text(loaded.limits), RAISE_DELAY: str(delay_ns)}


def foreseen(home: "Home", asked: "Mapping[str, str]") -> LimitsShown:
    """Return what asking for these limits would do, by the journal as it stands.

    A wait is counted from the newest row: it begins when a daemon takes the limits over.
    """
    from hfl_core.domain.limit_changes import plan_change

    path = home.journal.journal
    if not path.exists():
        return LimitsShown(is_first=True)
    with Glance.open(path) as journal:
        held = held_limits(journal)
        newest = journal.row(journal.last_seq())
    if not held.texts:
        return LimitsShown(is_first=True)
    time_ns = 0 if newest is None else newest.time_ns
    planned = plan_change(held.texts, held.waiting, asked, time_ns=time_ns)
    return LimitsShown(at_once=planned.changes, waiting=planned.waiting)


def after_command(home: "Home", asked: "Mapping[str, str]") -> LimitsShown | None:
    """Hand the limits to the running daemon and return what it journaled.

    None when no daemon took them.
    """
    from hfl.remote import await_outcome, command
    from hfl_core.domain import events as ev
    from hfl_core.domain.errors import ControlError

    try:
        sent = command(home, "limits", reason="hfl config apply was typed", arguments=asked)
        outcome = await_outcome(home, str(sent["request_id"]))
    except ControlError:
        return None
    if outcome.refused:
        return None
    changed = [
        each for e in outcome.events if isinstance(e, ev.LimitsChanged) for each in e.changes
    ]
    with Glance.open(home.journal.journal) as journal:
        held = held_limits(journal)
    waiting = tuple(
        (name, held.texts.get(name, ""), new, due_ns)
        for name, (new, due_ns) in sorted(held.waiting.items())
    )
    return LimitsShown(at_once=tuple(changed), waiting=waiting)
