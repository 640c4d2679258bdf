"""Plays all acts on one stage, then sums up: figures, and commands to ask this very run."""

import shlex
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl.demo.acts import killing, proving, recovering, stopping
from hfl.demo.follow import Follower
from hfl.demo.show import Show
from hfl.demo.stage import Stage
from hfl.demo.tale import Tale
from hfl.demo.trading import trading
from hfl.verb import DONE
from hfl.words import instant, plain
from hfl_core.domain import events as ev

# What somebody watches: an hour of the market a second.
WATCHED_SPEED: Final = "3600"
# Ended by a signal while the screen was open: nobody is there to be told the rest.
ENDED_BY_SIGNAL: Final = 128
Look = Callable[[Path], int]


def play(folder: str | None, *, look: Look | None = None) -> int:
    """Play the demo in a folder, or in a temporary one, which is kept; return an exit code.

    look: opens the screen on the running bot and returns its exit code when it is left.
    Raises DemoError with one sentence when a step did not show what it claims.
    """
    stage = Stage(folder)
    show = Show(is_read=look is None)
    tale = Tale(
        stage=stage, show=show, follower=Follower(stage.home.journal.journal, stage.is_running)
    )
    show.opening(str(stage.folder), has_screen=look is not None)
    stage.prepare()
    try:
        for act in (trading, killing):
            act(tale)
        if look is None:
            recovering(tale)
        else:
            recovering(tale, speed=WATCHED_SPEED)
            code = look(stage.folder)
            if code >= ENDED_BY_SIGNAL:
                return code
            show.is_read = True
            tale.follower.look()
        stopping(tale)
        proving(tale)
    finally:
        stage.close()
    show.summary(_numbers(tale), _commands(tale))
    return DONE


def _numbers(tale: Tale) -> list[tuple[str, str]]:
    follower = tale.follower
    orders = sum(1 for _ in follower.events(ev.OrderIntended))
    fills = sum(1 for _ in follower.events(ev.Filled))
    vetoes = sum(1 for _, event in follower.events(ev.RiskAssessed) if not event.allowed)
    signals = sum(1 for _ in follower.events(ev.SignalEmitted))
    runs = sum(1 for _ in follower.events(ev.RunStarted))
    equity = Decimal(0)
    for _, scans in follower.events(ev.ScansCoalesced):
        equity = scans.equity
    counted = f"{signals} signals, {vetoes} vetoes, {orders} orders, {fills} fills"
    return [
        ("journal", f"{follower.last_seq()} rows of {runs} runs: {counted}"),
        ("equity", f"{plain(equity, 2)} USD of 10000, on paper"),
        ("home", f"{tale.stage.folder} (kept; delete it when you like)"),
    ]


def _commands(tale: Tale) -> list[tuple[str, str]]:
    home = shlex.quote(str(tale.stage.folder))
    commands = []
    if tale.veto is not None and isinstance(tale.veto.event, ev.RiskAssessed):
        time = instant(tale.veto.time_ns).replace(" ", "T")
        commands.append(
            (
                f"hfl why {tale.veto.event.symbol} {time} --home {home}",
                "why it did not trade, with every rule's numbers",
            )
        )
    return [
        *commands,
        (
            f"hfl explain {tale.filled_id} --home {home}",
            "the whole story of the first filled order",
        ),
        (
            f"hfl explain {tale.lost_id} --home {home}",
            "the story of the order that was nearly lost",
        ),
        (f"hfl status --home {home}", "what state it is in: killed, so halted until you resume"),
    ]
