"""What a panic is asked to do, and what it came to: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CANCEL_WAIT_S: Final = 3.0
FILL_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PanicOrder:
    """What to panic about.

    journal_id "": nobody knows which orders are ours, so every working order of the account is.

    set_latch: writes the kill stop, returns a remark, raises OSError; lock_path: the daemon's
    lock.
    """

    request_id: str
    reason: str
    actor: str
    mode: str
    journal_id: str
    lock_path: str
    spool_path: str
    set_latch: Callable[[], str]
    cancel_wait_s: float = CANCEL_WAIT_S
    fill_wait_s: float = FILL_WAIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class PanicReport:
    """What a panic came to.

    orders, positions: what the venue last said is still there; None: it did not answer.

    troubles: sentences about everything that did not work; verdict: the sentence to show first.
    """

    is_latched: bool
    is_daemon_ended: bool
    is_spooled: bool
    cancelled: tuple[str, ...]
    closed: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    open_positions: tuple[str, ...] | None
    troubles: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether the venue confirmed that nothing works and nothing is held."""
        return self.is_latched and not self.unconfirmed and self.open_positions == ()

    @property
    def verdict(self) -> str:
        """Return the honest one-line result."""
        start = "LATCHED" if self.is_latched else "NOT LATCHED"
        if self.open_positions is None:
            return f"{start}, orders and positions unconfirmed: the venue did not answer"
        held = (
            f", still open: {', '.join(self.open_positions)}" if self.open_positions else ", flat"
        )
        if self.unconfirmed:
            return f"{start}, {len(self.unconfirmed)} orders unconfirmed{held}"
        return f"{start}, no orders working{held}"
