"""Which limits are in force: what a start or a human asks for, at once or after a wait.

Pure; knows nothing of configuration files. A raised limit waits in engine time, across restarts.
"""

from collections.abc import Mapping
from typing import Final

from hfl_core.domain import events as ev
from hfl_core.domain.effects import RaiseAlert
from hfl_core.domain.limit_changes import (
    RAISE_DELAY,
    LimitPlan,
    limits_from_text,
    limits_text,
    plan_change,
    plan_due,
)
from hfl_core.domain.limits import limits_hash
from hfl_core.engine.core import LIMITS_TIMER, Core

FIRST: Final = "the first limits of this account"
ASKED: Final = "asked for"
DUE: Final = "the wait is over"


def take_settings(core: Core) -> None:
    """At a start: compare what the configuration asks for with what is in force."""
    settings = core.settings
    asked = {**limits_text(settings.limits), RAISE_DELAY: str(settings.raise_delay_ns)}
    ask(core, asked, reason=ASKED if core.book.limits else FIRST)
    for due_ns in sorted({due_ns for _, due_ns in core.book.limits_waiting.values()}):
        core.set_timer(max(due_ns, core.time_ns + 1), LIMITS_TIMER, "")


def ask(core: Core, asked: Mapping[str, str], *, reason: str) -> None:
    """Take stricter limits at once and let weaker ones wait.

    Raises ValueError when what is asked for is no complete set of limits.
    """
    book = core.book
    plan = plan_change(book.limits, book.limits_waiting, asked, time_ns=core.time_ns)
    _carry_out(core, plan, reason=reason)


def on_due(core: Core) -> None:
    """Apply what has waited long enough."""
    book = core.book
    plan = plan_due(book.limits, book.limits_waiting, time_ns=core.time_ns)
    _carry_out(core, plan, reason=DUE)


def _carry_out(core: Core, plan: LimitPlan, *, reason: str) -> None:
    book = core.book
    if plan.changes:
        texts = {**book.limits, **{name: new for name, _, new in plan.changes}}
        digest = limits_hash(limits_from_text(texts))
        core.emit(ev.LimitsChanged(changes=plan.changes, reason=reason, limits_hash=digest))
    waiting = {name: (new, due_ns) for name, _, new, due_ns in plan.waiting}
    if waiting != book.limits_waiting:
        core.emit(ev.LimitsScheduled(waiting=plan.waiting, reason=reason))
        for due_ns in sorted({due_ns for _, due_ns in waiting.values()}):
            core.set_timer(max(due_ns, core.time_ns + 1), LIMITS_TIMER, "")
    if reason == DUE and plan.changes:
        said = ", ".join(f"{name} {old} -> {new}" for name, old, new in plan.changes)
        core.effects.append(RaiseAlert(level="warning", text=f"raised limits in force: {said}"))
