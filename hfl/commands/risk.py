"""Every limit with how much of it is used, and what prices would have to do to reach it.

  hfl risk              gauges, positions with their stops, "if every stop is hit", distances, stops
  hfl risk self-test    send deliberately bad orders through the real gate and gateway
  hfl risk report       which limit or breaker fired when, at what value, how far beyond it went,
                        the worst loss at any mark against each limit, refusals by rule

Reads journal and board, with or without a daemon, and says how old they are; report folds journal
and bars again, of one run with --run. Exit codes: 0, 3 data gone, 4 journal; self-test: 0 every bad
order was refused, 8 one was let through.
"""

import argparse
import shutil
import sys
import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from hfl.glance import Data, Glance
from hfl.risk_report import collect
from hfl.verb import DONE, add_account, add_json
from hfl.whereabouts import find
from hfl.words import SECOND_NS, span, write_json

WIDTH_MIN: Final = 80
# The fullest that fits: actions in words, in one word, without bars, without cents.
FORMS: Final = ("words", "bars", "numbers", "whole")
LABEL_MAX: Final = 19
USED_MAX: Final = Decimal("9.99")
BAR: Final = 10
WARN: Final = Decimal("0.8")
SELF_TEST: Final = "self-test"
REPORT: Final = "report"
UNREACHABLE: Final = "never"
BREAKS: Final = {
    "refuse": "refuses new exposure",
    "reduce_only": "refuses new exposure, entries cancelled,",
}


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add what to do."""
    del verb
    parser.add_argument("what", nargs="?", choices=(SELF_TEST, REPORT), help="see above")
    parser.add_argument("--run", default="", metavar="RUN", help="report: one run alone")
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Show the envelope, or test it."""
    del verb
    if arguments.what == SELF_TEST:
        from hfl.selftest import run_self_test

        return run_self_test(arguments)
    if arguments.what == REPORT:
        return _report(arguments)
    home = find(arguments.home, arguments.account, arguments.mode)
    with Glance.open(home.journal) as journal:
        found = collect(journal, home)
    if arguments.is_json:
        write_json(found)
    else:
        columns = shutil.get_terminal_size((WIDTH_MIN, 24)).columns
        sys.stdout.write(text_of(found, width=max(columns, WIDTH_MIN)))
    return DONE


def _report(arguments: argparse.Namespace) -> int:
    """Fold the journal and its bars again and tell what the limits did."""
    # Only the report needs the engine: 60 ms to import.
    from hfl.progress import Progress
    from hfl.reading import Standpoint, chosen, find_home, open_reader
    from hfl.risk_history import record
    from hfl.risk_history import text_of as report_text
    from hfl.worst import watch

    home = find_home(arguments.home, arguments.account, arguments.mode)
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        only = chosen(standpoint, arguments.run) if arguments.run else None
        total, is_quiet = reader.last().seq, arguments.is_json
        with Progress("folding", total=total, is_quiet=is_quiet) as progress:
            found = watch(standpoint, only, progress)
    run = "" if only is None else only.started.run_id
    report = {"account": f"{home.mode}-{home.account}", "run": run} | record(found)
    if arguments.is_json:
        write_json(report)
    else:
        sys.stdout.write(report_text(report))
    return DONE


# --- as text --------------------------------------------------------------------------------------


def text_of(found: Data, *, width: int) -> str:
    """Return the report for a person, no line longer than the width (80 at least)."""
    lines = _head(found)
    lines += _stops(found, width)
    if found["equity"] is None:
        lines.append("No bar was taken yet: nothing is used.")
        return "\n".join([*lines, *_waiting(found, width)]) + "\n"
    lines += ["", *_gauges(found["gauges"], width=width)]
    lines += ["", *_positions(found["positions"])]
    lines += _hit(found["if_every_stop_is_hit"], width)
    lines += _distances(found["distances"], width)
    lines += _gap(found, width)
    lines += _checks(found["last_checks"], width)
    lines += _waiting(found, width)
    return "\n".join(lines) + "\n"


def parts(found: Data, *, width: int) -> list[tuple[str, list[str]]]:
    """Return all but the gauges as (title, lines): what a screen shows below them."""
    told = [("Stops and breakers", _stops(found, width) or ["none"])]
    if found["equity"] is not None:
        told += [
            ("Positions and their stops", _positions(found["positions"])),
            ("If every stop is hit now", _hit(found["if_every_stop_is_hit"], width)[1:]),
            ("Distance to each halt", _distances(found["distances"], width)[1:]),
            ("Gap over a close", _gap(found, width)[1:]),
            ("Last checks", _checks(found["last_checks"], width)[1:]),
        ]
    told.append(("Raised limits that wait", _waiting(found, width)[2:]))
    return [(title, lines) for title, lines in told if lines]


def _head(found: Data) -> list[str]:
    age = "?" if found["age_s"] is None else span(int(max(found["age_s"], 0.0) * SECOND_NS))
    daemon = "daemon running" if found["daemon_running"] else "no daemon"
    name = f"{found['mode']}-{found['account']}"
    lines = [f"{name}: {daemon}, {found['source']} {age} old, {found['state']}"]
    if found["equity"] is not None:
        lines.append(
            f"as of {found['as_of']}   equity {_money(found['equity'])}   "
            f"profile {found['profile'] or '?'}"
        )
    return lines


def _stops(found: Data, width: int) -> list[str]:
    lines = []
    for stop in found["stops"]:
        lines += _wrapped(f"STOP     {stop['level']} {stop['id']}: {stop['reason']}", width)
        lines += _wrapped(f"         ends when {stop['until']}", width)
    for one in found["breakers"]:
        whom = one["symbol"] or "the account"
        lines += _wrapped(f"BREAKER  {one['breaker']} of {whom}: {one['reason']}", width)
        text = f"         {BREAKS[one['action']]} since {one['since']}, armed again "
        lines += _wrapped(text + one["rearms"], width)
    for symbol, why in found["halted_instruments"].items():
        lines += _wrapped(f"HALTED   {symbol}: {why}", width)
    return lines


def _gauges(gauges: list[Data], *, width: int) -> list[str]:
    """Return the gauges in the fullest form that fits."""
    for form in FORMS:
        lines = _gauge_lines(gauges, form)
        if max(map(len, lines)) <= width:
            break
    if form != "words":
        lines.append("halt: no new entries until the period is over and you resume; exits go on")
        lines.append(
            "reduce only: no new entries, those on their way are cancelled, until it calms"
        )
        lines.append("refuse: entries beyond it are refused or made smaller; exits go on")
    return lines


def _gauge_lines(gauges: list[Data], form: str) -> list[str]:
    rows = [("limit", "now", "limit", "used", "left", "action")]
    for one in gauges:
        used = Decimal(one["used"])
        mark = "FULL" if used >= 1 else "warn" if used >= WARN else ""
        number = _money if one["unit"] == "money" and form != "whole" else _count
        bar = "" if form in {"numbers", "whole"} else f"{_bar(used)} "
        rows.append(
            (
                _label(one),
                number(one["now"]),
                number(one["limit_value"]),
                f"{bar}{min(used, USED_MAX):>4.0%} {mark}",
                number(one["left"]),
                one["at_the_limit"] if form == "words" else one["action"],
            )
        )
    return _table(rows, left={0, 3, 5})


def _label(one: Data) -> str:
    name = one["limit"].replace("_", " ")
    is_symbol = one["note"] and " " not in one["note"]
    return (f"{name} {one['note']}" if is_symbol else name)[:LABEL_MAX]


def _positions(positions: list[Data]) -> list[str]:
    if not positions:
        return ["positions  none, and no entry on its way"]
    rows = [("position", "quantity", "mark", "stop", "to stop", "risk", "of equity")]
    for one in positions:
        way = "" if one["status"] == "held" else f" ({one['status']})"
        rows.append(
            (
                f"{one['symbol']}{way}"[:24],
                one["quantity"],
                one["mark"] or f"{one['entry']}?",
                one["stop"] or "NONE",
                "-" if one["stop_distance"] is None else _move(one["stop_distance"]),
                _money(one["risk"]),
                _percent(one["risk_fraction"]),
            )
        )
    lines = _table(rows, left={0})
    if any(one["mark"] is None for one in positions):
        lines.append("?: no price of this run yet, the entry's own is used")
    return lines


def _hit(hit: Data, width: int) -> list[str]:
    loss = Decimal(hit["loss"])
    said = f"loses {_money(hit['loss'])}" if loss >= 0 else f"gains {_money(str(-loss))}"
    share = _percent(_unsigned(hit["fraction"]))
    halts = ", ".join(name.replace("_", " ") for name in hit["halts"])
    text = (
        f"if every stop is hit now: {said} ({share}), equity {_money(hit['equity'])}; "
        f"trips {halts or 'no halt'}"
    )
    lines = ["", *_wrapped(text, width)]
    if hit["without_stop"]:
        names = ", ".join(hit["without_stop"])
        lines += _wrapped(f"  without a stop, counted as lost whole: {names}", width)
    return lines


def _distances(distances: list[Data], width: int) -> list[str]:
    if not any(one["alone"] for one in distances):
        return []
    symbols = list(distances[0]["alone"])
    rows: list[tuple[str, ...]] = [("to the halt", "money left", "all prices", *symbols)]
    for one in distances:
        moves = (_move(one["alone"][symbol]) for symbol in symbols)
        name = one["halt"].replace("_", " ")
        rows += [(name, _money(one["left"]), _move(one["together"]), *moves)]
    shown = _fitting(rows, width)
    lines = ["", *_table([row[:shown] for row in rows], left={0})]
    note = "how far all prices together, or one alone, would have to move; never: it cannot"
    hidden = len(rows[0]) - shown
    more = f"; {hidden} more positions: --json" if hidden else ""
    return [*lines, *_wrapped(note + more, width)]


def _fitting(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns fit."""
    used = 0
    for index in range(len(rows[0])):
        used += max(len(row[index]) for row in rows) + (2 if index else 0)
        if used > width:
            return index
    return len(rows[0])


def _gap(found: Data, width: int) -> list[str]:
    gap = found["gap_scenario"]
    if not gap["positions"]:
        return []
    parts = ", ".join(
        f"{symbol} {_percent(one['gap'])} = {_money(one['loss'])}"
        for symbol, one in gap["positions"].items()
    )
    text = f"gap scenario over a close: {_money(gap['loss'])} lost ({parts})"
    return ["", *_wrapped(text, width)]


def _checks(checks: list[Data], width: int) -> list[str]:
    if not checks:
        return ["", "no entry was judged yet: the other rules have said nothing"]
    refused = [one for one in checks if one["outcome"] == "refuse"]
    apart = [one for one in checks if one["outcome"] == "not_applicable"]
    when = f"{checks[0]['symbol']} {checks[0]['time']}"
    lines = ["", f"rules when an entry was last judged ({when}): {len(checks)}"]
    for one in refused:
        said = f"{one['value']} of {one['limit']} {one['unit']}" if one["limit"] else ""
        text = f"  refused  {one['rule']}: {' '.join(part for part in (said, one['note']) if part)}"
        lines += _wrapped(text, width)
    if apart:
        names = ", ".join(one["rule"] for one in apart)
        lines += _wrapped(f"  not applicable  {names}", width)
    if not refused:
        lines.append("  none refused")
    return lines


def _waiting(found: Data, width: int) -> list[str]:
    if not found["waiting_limits"]:
        return []
    lines = ["", "raised limits that wait (engine time)"]
    for one in found["waiting_limits"]:
        lines += _wrapped(
            f"  {one['limit']}: {one['now']} -> {one['then']} from {one['from']}", width
        )
    return lines


# --- pieces ---------------------------------------------------------------------------------------


def _table(rows: Sequence[Sequence[str]], *, left: set[int]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(size) if index in left else cell.rjust(size)
            for index, (cell, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _wrapped(text: str, width: int, *, indent: int = 9) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def _bar(used: Decimal) -> str:
    full = int(min(max(used, Decimal(0)), Decimal(1)) * BAR)
    # What is used at all is seen.
    full = max(full, 1) if used > 0 else 0
    return "#" * full + "." * (BAR - full)


def _unsigned(text: str) -> str:
    """Return a number's text without its sign."""
    return text.removeprefix("-")


def _money(text: str) -> str:
    return f"{Decimal(text):,.2f}"


def _count(text: str) -> str:
    return f"{Decimal(text):,.0f}"


def _percent(text: str | None) -> str:
    return "-" if text is None else f"{Decimal(text):.2%}"


def _move(text: str | None) -> str:
    """Return a move of a price with its sign."""
    return UNREACHABLE if text is None else f"{Decimal(text):+.2%}"
