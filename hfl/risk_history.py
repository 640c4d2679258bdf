"""What `hfl risk report` says: which limit fired when, at what value, and how far beyond it went.

Plain values and the text of them; what is counted stands in `hfl.worst`.
"""

from decimal import Decimal
from typing import Final

from hfl.glance import Data
from hfl.words import instant, plain
from hfl.worst import BreakerTrip, LimitTrip, Loss, Watched
from hfl_core.domain.money import money_from_units

DIGITS: Final = 8
FRACTION_DIGITS: Final = 6
TRIPS_SHOWN: Final = 40
CODES_SHOWN: Final = 12
HALT: Final = "halt"
MINUTE: Final = 16
LARGE: Final = 100


def record(found: Watched) -> Data:
    """Return the report as plain values: money as text, fractions of the limit's base."""
    trips = [_limit_trip(trip) for trip in found.limits]
    trips += [_breaker_trip(trip) for trip in found.breakers]
    return {
        "first": instant(found.first_ns),
        "last": instant(found.last_ns),
        "profiles": found.profiles,
        "scans": found.marks,
        "scans_stopped": found.stopped,
        "stopped_share": round(found.stopped / found.marks, 6) if found.marks else 0.0,
        "limits": [_limit(found, name, loss) for name, loss in found.worst.items()],
        "trips": sorted(trips, key=lambda trip: int(trip["row"])),
        "entries": found.entries,
        "entries_while_stopped": found.entries_stopped,
        "assessed": found.assessed,
        "approved": found.approved,
        "refusals": dict(sorted(found.refusals.items(), key=lambda item: (-item[1], item[0]))),
        "codes": dict(sorted(found.codes.items(), key=lambda item: (-item[1], item[0]))),
        "reached_without_a_trip": sorted(found.untripped),
    }


def _limit(found: Watched, name: str, loss: Loss) -> Data:
    """Return the worst loss against one limit, and by what it went beyond where it did."""
    trips = [trip for trip in found.limits if trip.limit == name]
    widest = max(trips, key=lambda trip: (trip.worst - trip.allowed) / trip.base, default=None)
    return {
        "limit": name,
        "limit_fraction": _fraction(loss.allowed, loss.base),
        "worst": _money(loss.loss),
        "worst_fraction": _fraction(loss.loss, loss.base),
        "base": _money(loss.base),
        "used": round(loss.used, 4),
        "time": instant(loss.time_ns),
        "trips": len(trips),
        "beyond": None if widest is None else _beyond(widest),
    }


def _beyond(trip: LimitTrip) -> Data:
    """Return how far the worst loss went beyond its limit, in parts that add up."""
    parts = {
        "total": trip.worst - trip.allowed,
        "in_the_bar": trip.overshoot,
        "to_stops": trip.to_stops,
        "past_stops": trip.past_stops,
    }
    return {name: _money(part) for name, part in parts.items()} | {
        f"{name}_fraction": _fraction(part, trip.base) for name, part in parts.items()
    }


def _limit_trip(trip: LimitTrip) -> Data:
    return {
        "row": trip.seq,
        "time": instant(trip.time_ns),
        "kind": "limit",
        "name": trip.limit,
        "scope": "account",
        "action": HALT,
        "base": _money(trip.base),
        "before": _money(trip.before),
        "value": _money(trip.value),
        "limit": _money(trip.allowed),
        "overshoot": _money(trip.overshoot),
        "open_risk": _money(trip.open_risk),
        "worst": _money(trip.worst),
        "worst_time": instant(trip.worst_ns),
        "beyond": _beyond(trip),
        "ended": _ended(trip.ended_ns, trip.ended_by, trip.ended_why),
    }


def _breaker_trip(trip: BreakerTrip) -> Data:
    value, limit = Decimal(trip.value), Decimal(trip.limit)
    return {
        "row": trip.seq,
        "time": instant(trip.time_ns),
        "kind": "breaker",
        "name": trip.breaker,
        "scope": trip.symbol or "account",
        "action": trip.action,
        "value": trip.value,
        "limit": trip.limit,
        "overshoot": plain(value - limit, FRACTION_DIGITS),
        "reason": trip.reason,
        "ended": _ended(trip.ended_ns, "engine", trip.ended_why),
    }


def _ended(time_ns: int, actor: str, why: str) -> Data | None:
    return {"time": instant(time_ns), "by": actor, "why": why} if time_ns else None


def _money(units: int) -> str:
    return plain(money_from_units(units), DIGITS)


def _fraction(part: int, base: int) -> str:
    return plain(Decimal(part) / Decimal(base), FRACTION_DIGITS) if base else "0"


# --- as text --------------------------------------------------------------------------------------


def text_of(report: Data) -> str:
    """Return the report for a person."""
    lines = [
        f"{report['account']}: {report['scans']:,} scans, {report['first']} to {report['last']}",
        _stopped(report),
        "",
        *_table(_limit_rows(report["limits"]), left={0, 4}),
        "beyond = in the bar that tripped it + to the stops of what was held + past those stops",
    ]
    lines += [
        f"REACHED  {name} reached its limit without a trip: the version that wrote this looked less"
        for name in report["reached_without_a_trip"]
    ]
    trips = report["trips"]
    lines += ["", "no limit or breaker fired"] if not trips else ["", *_trips(trips)]
    lines += ["", f"{report['assessed']} entries judged, {report['approved']} approved; refused by"]
    lines += [f"  {rule:<16}{count:>6}" for rule, count in report["refusals"].items()]
    lines += [f"  {'nothing':<16}{0:>6}"] if not report["refusals"] else []
    lines += ["scans by code"]
    codes = list(report["codes"].items())
    lines += [f"  {code:<22}{count:>9,}" for code, count in codes[:CODES_SHOWN]]
    return "\n".join(lines) + "\n"


def _stopped(report: Data) -> str:
    return (
        f"profile {', '.join(report['profiles']) or '?'}   "
        f"stopped in {report['scans_stopped']:,} scans ({report['stopped_share']:.1%})   "
        f"entries {report['entries']}, while stopped {report['entries_while_stopped']}"
    )


def _limit_rows(limits: list[Data]) -> list[tuple[str, ...]]:
    heads = ("limit", "allowed", "worst", "used", "when", "trips", "beyond", "bar", "stops", "past")
    rows: list[tuple[str, ...]] = [heads]
    for one in limits:
        beyond = one["beyond"]
        parts = ("total", "in_the_bar", "to_stops", "past_stops")
        rows.append(
            (
                one["limit"],
                _percent(one["limit_fraction"]),
                _percent(one["worst_fraction"]),
                f"{one['used']:.0%}",
                one["time"][:MINUTE],
                str(one["trips"]),
                *("" if beyond is None else _percent(beyond[f"{part}_fraction"]) for part in parts),
            )
        )
    return rows


def _trips(trips: list[Data]) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("fired", "what", "scope", "value", "limit", "over", "worst", "armed again")
    ]
    for one in trips[:TRIPS_SHOWN]:
        ended = one["ended"]
        again = "not yet" if ended is None else f"{ended['time'][:MINUTE]} {_by(one, ended)}"
        worst = _short(one["worst"]) if "worst" in one else ""
        rows.append(
            (
                one["time"][:MINUTE],
                one["name"],
                one["scope"],
                _short(one["value"]),
                _short(one["limit"]),
                _short(one["overshoot"]),
                worst,
                again,
            )
        )
    lines = _table(rows, left={0, 1, 2, 7})
    if len(trips) > TRIPS_SHOWN:
        lines.append(f"{TRIPS_SHOWN} of {len(trips)}; --json for all")
    return lines


def _by(one: Data, ended: Data) -> str:
    return str(ended["why"]) if one["kind"] == "breaker" else str(ended["by"])


def _table(rows: list[tuple[str, ...]], *, left: set[int]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _percent(fraction: str) -> str:
    return f"{float(fraction):.2%}"


def _short(number: str) -> str:
    """Return a figure with two places when it is large, else with four digits."""
    value = float(number)
    return f"{value:.2f}" if abs(value) >= LARGE else f"{value:.4g}"
