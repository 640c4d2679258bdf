"""What would have been decided with another setting, over the recorded bars and commands.

With nothing changed the recorded run is decided again and must equal history exactly. With a
change, recorded fills no longer answer the new orders: the recorded plan and the changed one
both run from the first scan with MODELLED fills (the paper venue's matching, the recorded
costs), so that modelled is compared with modelled; how far the modelled recorded plan is from
recorded history is the drift. --run RUN covers one run, from what was known and owned when it
began, and it must have begun flat. Settings: strategy.name, strategy.parameters.X,
strategy.per_symbol.SYMBOL.X, risk.limits.X, engine.entry_score_min, engine.opinion_veto_min,
operator.policy. Exit codes: 0, 2 arguments, 3 data gone, 4 journal, 8 unchanged and yet
different.
"""

import argparse
import sys

from hfl.changes import changed_plan
from hfl.glance import Data
from hfl.plan import plan_from
from hfl.progress import Progress
from hfl.reading import Standpoint, chosen, find_home, open_reader
from hfl.verb import DIFFERENT, DONE, add_account, add_json
from hfl.words import write_json
from hfl_core.domain.errors import ConfigError, JournalError

FIGURES = (
    "fills_are", "scans", "decisions", "orders", "fills",
    "trades", "limit_trips", "fees", "equity", "profit",
    "drawdown_fraction_max",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the changes."""
    del verb
    parser.add_argument(
        "--run", default="", metavar="RUN", help="one run alone (default: the whole journal)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="a change; again for more",
    )
    add_account(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, verb: str) -> int:
    """Run again and compare."""
    from hfl.modelled import Span, compare

    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        segment = chosen(standpoint, arguments.run) if arguments.run else standpoint.segments[-1]
        base = reader.blob(segment.started.plan_blob) if segment.started.plan_blob else b""
        plan = standpoint.plan(segment.started)
        try:
            changed = plan_from(
                changed_plan(base, arguments.settings), search=home.strategy_folders
            )
        except JournalError as error:
            # The recorded plan was sound: what does not fit is the change.
            raise ConfigError(f"{error.__cause__ or error}: correct the change") from error
        if changed.as_bytes() == plan.as_bytes():
            only = segment.started.run_id if arguments.run else ""
            return _unchanged(standpoint, only, is_json=arguments.is_json)
        span = Span(standpoint=standpoint, segment=segment, home=home, is_whole=not arguments.run)
        result = compare(span, changed.as_bytes(), is_json=arguments.is_json)
    result["changed"] = list(arguments.settings)
    if arguments.is_json:
        write_json(result)
    else:
        sys.stdout.write(_text(result))
    return DONE


def _unchanged(standpoint: Standpoint, only: str, *, is_json: bool) -> int:
    """Decide what was recorded again: it must be history itself. only: one run, empty for all."""
    from hfl.commands.replay import WholeReplay

    with Progress(
        "deciding again", total=standpoint.reader.last().seq, is_quiet=is_json
    ) as progress:
        found = WholeReplay(standpoint, progress).go()
        found = [each for each in found if only in {"", each.run_id}] or found
    compared = sum(each.report.outcomes for each in found)
    pairs = sum(each.report.decisions for each in found)
    differing = next(
        (each.report.divergence for each in found if each.report.divergence is not None), None
    )
    strange = sorted({name for each in found for name in each.not_comparable})
    if is_json:
        write_json(
            {
                "changed": [],
                "equal": differing is None,
                "events": compared,
                "pairs": pairs,
                "not_comparable": strange,
                "first_difference": None
                if differing is None
                else {"row": differing.seq, "kind": differing.kind},
            }
        )
    elif differing is None:
        sys.stdout.write(
            f"nothing changed, equal: {compared:,} of {compared:,} "
            f"events, {pairs:,} of {pairs:,} pairs\n"
        )
    else:
        why = f"NOT_COMPARABLE({', '.join(strange)}): " if strange else ""
        sys.stdout.write(
            f"{why}nothing changed, and yet row {differing.seq} {differing.kind} differs\n"
        )
    return DIFFERENT if differing is not None and not strange else DONE


def _text(result: Data) -> str:
    columns = [
        result[name] for name in ("recorded", "modelled_recorded_plan", "modelled_changed_plan")
    ]
    codes = sorted({code for column in columns for code in column["counts"]})
    rows = [["", "recorded", "recorded plan", "changed plan"]]
    rows += [
        [name.replace("_", " "), *(str(column[name]) for column in columns)] for name in FIGURES
    ]
    rows += [[code, *(str(column["counts"].get(code, 0)) for column in columns)] for code in codes]
    widths = [max(len(row[index]) for row in rows) for index in range(4)]
    lines = [f"changed: {', '.join(result['changed'])}", ""]
    lines += [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    same = result["decisions"]
    lines.append("")
    lines.append(
        f"decisions, modelled against modelled: {same['same']:,} "
        f"the same, {same['different']:,} different, "
        f"{same['only_before']:,} only before, {same['only_after']:,} only after the change"
    )
    lines += _difference("first difference", result["first_difference"])
    drift = result["drift"]
    lines.append(f"drift of the modelled recorded plan from history: equity {drift['equity']}")
    lines += _difference("first drift", drift["first_difference"])
    if result["not_comparable"]:
        lines.append(
            f"NOT_COMPARABLE({', '.join(result['not_comparable'])}): history was decided by other "
            "code or settings than the recorded plan is today; the first drift is their difference"
        )
    lines += [f"note: {note}" for note in result["notes"]]
    return "\n".join(lines) + "\n"


def _difference(label: str, found: Data | None) -> list[str]:
    if found is None:
        return [f"{label}: none"]
    return [
        f"{label}: {found['time']} {found['symbol']}",
        f"  before: {found['before']}",
        f"  after:  {found['after']}",
    ]
