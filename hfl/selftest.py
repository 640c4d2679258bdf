"""Deliberately bad orders through the real gate and the real gateway, to a venue made for it.

Everything is thrown away afterwards: the venue lives in memory, the latch in a temporary folder,
and neither the account nor its journal is touched. The limits are the home's own.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from hfl.bench_orders import ORDINARY, PRICE_TICKS, Bench, Refused, bench_of
from hfl.home import Home, home_paths
from hfl.limits import held_limits
from hfl.verb import DIFFERENT, DONE
from hfl.words import write_json
from hfl_config.diff import load_effective
from hfl_config.load import LoadedConfig
from hfl_core.domain.limits import RiskLimits
from hfl_core.engine.settings import SECOND_NS
from hfl_core.gateway import latch_files
from hfl_core.risk.correlation import Correlations
from hfl_core.runtime.clock import MachineClock

MINUTE_NS: Final = 60 * SECOND_NS
LET_THROUGH: Final = "LET THROUGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One bad order. attempt: None when it was let through."""

    name: str
    what: str
    attempt: Callable[[Bench], Refused | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one bad order; where, check and detail are empty when it was let through."""

    name: str
    what: str
    refused: Refused | None
    reached_venue: int

    @property
    def is_refused(self) -> bool:
        """Tell whether it was refused and nothing of it came to the venue."""
        return self.refused is not None and not self.reached_venue


def run_self_test(arguments: argparse.Namespace) -> int:
    """Run every case and tell; DIFFERENT when one is let through."""
    paths = home_paths(arguments.home)
    loaded, _ = load_effective(paths, now_ns=MachineClock().wall_ns())
    account = arguments.account or loaded.config.account.name
    home = Home(paths=paths, mode=loaded.config.mode, account=account)
    limits, source = limits_of(home, loaded)
    control, results = self_test(loaded, limits)
    is_good = control is None and all(result.is_refused for result in results)
    if arguments.is_json:
        write_json(
            {
                "ok": is_good,
                "limits_from": source,
                "ordinary_order": "arrived" if control is None else f"{control.where}: {control}",
                "cases": [_record(result) for result in results],
            }
        )
    else:
        sys.stdout.write(_text(control, results, source=source))
    return DONE if is_good else DIFFERENT


def limits_of(home: Home, loaded: LoadedConfig) -> tuple[RiskLimits, str]:
    """Return the limits in force and where they are from: the journal, else the configuration."""
    from hfl.glance import Glance
    from hfl_core.domain.limit_changes import limits_from_text, limits_text

    path = home.journal.journal
    if not path.exists():
        return loaded.limits, "configuration (no journal yet)"
    with Glance.open(path) as journal:
        held = held_limits(journal)
    return limits_from_text({**limits_text(loaded.limits), **held.texts}), "journal"


def self_test(
    loaded: LoadedConfig, limits: RiskLimits
) -> tuple[Refused | None, tuple[Result, ...]]:
    """Run the ordinary order, which must arrive, and every bad one, which must not."""
    with _bench(loaded, limits) as bench:
        control = bench.send()
    results: list[Result] = []
    if control is not None:
        # Where nothing passes, a refusal proves nothing.
        return control, ()
    for case in CASES:
        with _bench(loaded, limits) as bench:
            refused = case.attempt(bench)
            reached = bench.arrived - bench.arrived_well
        results.append(
            Result(name=case.name, what=case.what, refused=refused, reached_venue=reached)
        )
    return control, tuple(results)


@contextmanager
def _bench(loaded: LoadedConfig, limits: RiskLimits) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="hfl-self-test-") as folder:
        latch = str(Path(folder, "latch"))
        latch_files.prepare(latch)
        yield bench_of(loaded, limits, latch)


# --- the bad orders -------------------------------------------------------------------------------


def _lost(name: str, period: int) -> Callable[[Bench], Refused | None]:
    """Return an attempt with exactly one loss limit reached."""

    def attempt(bench: Bench) -> Refused | None:
        return bench.send(bench.context(**bench.fallen(f"{name}_fraction_max", period)))

    return attempt


def _full(field: str, limit: str) -> Callable[[Bench], Refused | None]:
    """Return an attempt with an exposure exactly at its limit."""

    def attempt(bench: Bench) -> Refused | None:
        return bench.send(bench.context(**{field: bench.share(limit)}))

    return attempt


def _many_bets(bench: Bench) -> Refused | None:
    return bench.send(bench.context(bets=bench.limits.positions_max))


def _far_price(bench: Bench) -> Refused | None:
    """Decide on a price half of the last good one: no collar is so wide."""
    facts = replace(ORDINARY, good_ticks=2 * PRICE_TICKS)
    return bench.send(bench.context(market=facts))


def _correlated(bench: Bench) -> Refused | None:
    pairs = Correlations(pairs=(("HELD", 1.0),), days=bench.limits.correlation_days)
    return bench.send(bench.context(others=("HELD",), correlations=pairs))


def _busy_hour(bench: Bench) -> Refused | None:
    return bench.send(bench.context(entries_hour=bench.limits.orders_per_hour_max))


def _tripped(bench: Bench) -> Refused | None:
    return bench.send(bench.context(tripped=("price of SELF-TEST: it fell by a fifth",)))


def _gap(bench: Bench) -> Refused | None:
    return bench.send(bench.context(gap_loss=bench.share("gap_loss_fraction_max")))


def _enlarged(bench: Bench) -> Refused | None:
    return bench.send_changed(quantity=bench.quantity * 10)


def _ungated(bench: Bench) -> Refused | None:
    return bench.send_ungated(bench.context(stop_ticks=0))


def _not_a_number(bench: Bench) -> Refused | None:
    return bench.send_changed(quantity=Decimal("NaN"))


def _endless_stop(bench: Bench) -> Refused | None:
    return bench.send_changed(risk_stop_price=Decimal("Infinity"))


def _other_limits(bench: Bench) -> Refused | None:
    return bench.send(limits_hash="0" * 64)


def _unknown(bench: Bench) -> Refused | None:
    bench.leave_unknown()
    return bench.send()


def _too_many(bench: Bench) -> Refused | None:
    for number in range(bench.settings.orders_per_minute_max):
        bench.send_well(extra=number + 1)
    return bench.send()


def _repeated(bench: Bench) -> Refused | None:
    for _ in range(bench.settings.repeats_per_minute_max):
        bench.send_well()
    return bench.send()


def _killed(bench: Bench) -> Refused | None:
    bench.latch.engage(latch_files.KILL, "self-test")
    return bench.send()


def _paused_from_outside(bench: Bench) -> Refused | None:
    latch_files.set_stop(
        bench.latch_dir, latch_files.REDUCE_ONLY, "self-test", reason="self-test", actor="self-test"
    )
    return bench.send()


def _unarmed(bench: Bench) -> Refused | None:
    Path(bench.latch_dir, latch_files.READY).unlink()
    return bench.send()


def _no_folder(bench: Bench) -> Refused | None:
    Path(bench.latch_dir, latch_files.READY).unlink()
    Path(bench.latch_dir).rmdir()
    return bench.send()


def _stopped_in_between(bench: Bench) -> Refused | None:
    return bench.send(before_call=lambda: bench.latch.engage(latch_files.REDUCE_ONLY, "self-test"))


def _lock_lost(bench: Bench) -> Refused | None:
    bench.is_locked = False
    return bench.send()


CASES: Final = (
    Case(name="no stop", what="an entry without a protective stop",
         attempt=lambda b: b.send(b.context(stop_ticks=0))),
    Case(name="past the gate", what="refused by the gate, handed on anyway",
         attempt=_ungated),
    Case(name="size", what="ten times what was approved", attempt=_enlarged),
    Case(name="size: position", what="the position is at its limit",
         attempt=_full("symbol_gross", "position_fraction_max")),
    Case(name="size: all", what="all positions are at their limit",
         attempt=_full("gross", "gross_exposure_fraction_max")),
    Case(name="size: risk", what="the risk to stops is at its limit",
         attempt=_full("open_risk", "open_risk_fraction_max")),
    Case(name="size: number", what="one position more than allowed", attempt=_many_bets),
    Case(name="gap", what="a gap would cost what it may already", attempt=_gap),
    Case(name="correlated", what="moves like what is held", attempt=_correlated),
    Case(name="price", what="half of the last good price", attempt=_far_price),
    Case(name="busy hour", what="one entry an hour too many", attempt=_busy_hour),
    Case(name="breaker", what="a circuit breaker is tripped", attempt=_tripped),
    Case(name="NaN", what="a quantity that is not a number", attempt=_not_a_number),
    Case(name="infinite", what="a stop at an infinite price", attempt=_endless_stop),
    Case(name="no equity", what="an entry with nothing left",
         attempt=lambda b: b.send(b.context(equity=0, cash=0))),
    Case(name="currency", what="not in the account's currency",
         attempt=lambda b: b.send(b.context(currency="QQQ"))),
    Case(name="stale price", what="decided on a price of an hour ago",
         attempt=lambda b: b.send(b.context(price_age_ns=60 * MINUTE_NS))),
    Case(name="day's loss", what="the daily loss limit is reached", attempt=_lost("daily_loss", 0)),
    Case(name="week's loss", what="the weekly loss limit is reached",
         attempt=_lost("weekly_loss", 1)),
    Case(name="month's loss", what="the monthly loss limit is reached",
         attempt=_lost("monthly_loss", 2)),
    Case(name="drawdown", what="the drawdown limit is reached", attempt=_lost("drawdown", 3)),
    Case(name="old intent", what="intended an hour before it is sent",
         attempt=lambda b: b.send(intended_ago_ns=60 * MINUTE_NS)),
    Case(name="old price", what="sent an hour after its price",
         attempt=lambda b: b.send(price_ago_ns=60 * MINUTE_NS)),
    Case(name="other limits", what="approved under other limits",
         attempt=_other_limits),
    Case(name="unknown order", what="an earlier outcome is unknown", attempt=_unknown),
    Case(name="rate", what="one order a minute too many", attempt=_too_many),
    Case(name="repeated", what="the same order once too often", attempt=_repeated),
    Case(name="killed", what="a kill is in force", attempt=_killed),
    Case(name="paused", what="another process wrote a stop", attempt=_paused_from_outside),
    Case(name="unarmed", what="the latch was never made ready", attempt=_unarmed),
    Case(name="no latch", what="the latch folder is gone", attempt=_no_folder),
    Case(name="stop in between", what="stopped right before the call",
         attempt=_stopped_in_between),
    Case(name="two daemons", what="the run's lock was lost", attempt=_lock_lost),
)  # fmt: skip


# --- what is shown --------------------------------------------------------------------------------


def _record(result: Result) -> dict[str, object]:
    refused = result.refused
    return {
        "case": result.name,
        "what": result.what,
        "refused": result.is_refused,
        "where": "" if refused is None else refused.where,
        "check": "" if refused is None else refused.check,
        "detail": "" if refused is None else refused.detail,
        "reached_venue": result.reached_venue,
    }


def _text(control: Refused | None, results: tuple[Result, ...], *, source: str) -> str:
    lines = [f"limits of the {source}", "a venue in memory; the account is not touched", ""]
    said = "arrived" if control is None else f"REFUSED by {control.where}: {control.check}"
    lines.append(f"{'ordinary order':<16}  {said}")
    for result in results:
        refused = result.refused
        by = (
            LET_THROUGH
            if refused is None or result.reached_venue
            else f"{refused.where}: {refused.check}"
        )
        lines.append(f"{result.name:<16}  {by:<23}  {result.what}")
    bad = [result.name for result in results if not result.is_refused]
    lines.append("")
    if control is not None:
        lines.append(f"FAILED: an ordinary order does not arrive ({control.detail})")
    elif bad:
        lines.append(f"FAILED: {len(bad)} let through: {', '.join(bad)}")
    else:
        lines.append(f"all {len(results)} bad orders were refused, none came to the venue")
    return "\n".join(lines) + "\n"
