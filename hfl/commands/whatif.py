"""What would have been decided with another setting, over the recorded bars and commands.

With nothing changed the recorded run is decided again and must equal history exactly. With a
change, recorded fills no longer answer the new orders: the recorded plan and the changed one
both run from the first scan with MODELLED fills (the paper venue's matching, the recorded
costs), so that modelled is compared with modelled; how far the modelled recorded plan is from
recorded history is the drift. Settings: strategy.name, strategy.parameters.X,
strategy.per_symbol.SYMBOL.X, risk.limits.X, engine.entry_score_min, engine.opinion_veto_min,
operator.policy. Exit codes: 0, 2 arguments, 3 data gone, 4 journal, 8 unchanged and yet
different.
"""

import argparse
import sys

from hfl.changes import changed_plan
from hfl.glance import Data
from hfl.history import History, first_difference, history_of, shared
from hfl.home import Home
from hfl.plan import plan_from
from hfl.progress import Progress
from hfl.reading import RunSegment, Standpoint, find_home, open_reader
from hfl.resume import rows_after
from hfl.verb import DIFFERENT, DONE, add_account, add_json
from hfl.words import write_json
from hfl_core.domain import events as ev
from hfl_core.domain.errors import ConfigError, DataError, JournalError
from hfl_core.domain.money import plain

FIGURES = (
    "fills_are", "scans", "decisions", "orders", "fills",
    "trades", "limit_trips", "fees", "equity", "profit",
    "drawdown_fraction_max",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the changes."""
    del verb
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
    del verb
    home = find_home(arguments.home, arguments.account, arguments.mode)
    with open_reader(home) as reader:
        standpoint = Standpoint(reader, home)
        segment = standpoint.segments[-1]
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
            return _unchanged(standpoint, is_json=arguments.is_json)
        result = _compared(standpoint, segment, home, changed.as_bytes(), is_json=arguments.is_json)
    result["changed"] = list(arguments.settings)
    if arguments.is_json:
        write_json(result)
    else:
        sys.stdout.write(_text(result))
    return DONE


def _unchanged(standpoint: Standpoint, *, is_json: bool) -> int:
    """Decide the recorded run again: it must be history itself."""
    from hfl.commands.replay import WholeReplay

    with Progress(
        "deciding again", total=standpoint.reader.last().seq, is_quiet=is_json
    ) as progress:
        found = WholeReplay(standpoint, progress).go()
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


def _compared(
    standpoint: Standpoint, segment: RunSegment, home: Home, changed: bytes, *, is_json: bool
) -> Data:
    from hfl.rerun import Recorded, commands_of, rerun
    from hfl_config.load import load_blob
    from hfl_core.domain.values import with_changes
    from hfl_data.loader import reopen_feed

    reader = standpoint.reader
    opened = next(reader.rows_of("DatasetOpened", after_seq=segment.row.seq, limit=1), None)
    if opened is None or not isinstance(opened.event, ev.DatasetOpened):
        raise DataError(
            "expected a data set in the newest run, found none: run the bot over some data first"
        )
    before = history_of(rows_after(reader, 0))
    data_sets = {
        row.event.dataset_id
        for row in reader.rows_of("DatasetOpened")
        if isinstance(row.event, ev.DatasetOpened)
    }
    scans = sum(
        row.event.scans
        for row in reader.rows_of("ScansCoalesced")
        if isinstance(row.event, ev.ScansCoalesced)
        and row.event.dataset_id == opened.event.dataset_id
    )
    recorded = Recorded(
        started=segment.started,
        opened=with_changes(opened.event, cursor=0),
        loaded=load_blob(reader.blob(segment.started.config_blob)),
        commands=commands_of(reader.rows_of("CommandReceived")),
        scans=scans,
    )
    histories: list[History] = []
    for number, data in enumerate((reader.blob(segment.started.plan_blob), changed)):
        plan = plan_from(data, search=home.strategy_folders)
        feed = reopen_feed(recorded.opened, plan.instruments)
        with Progress(
            ("recorded plan", "changed plan")[number], total=scans, is_quiet=is_json
        ) as progress:
            histories.append(history_of(rerun(plan, feed, recorded, on_scan=progress.at)))
    base, after = histories
    return {
        "equal": first_difference(base, after) is None and base.equity == after.equity,
        "recorded": before.record("recorded"),
        "modelled_recorded_plan": base.record("modelled"),
        "modelled_changed_plan": after.record("modelled"),
        "decisions": shared(base, after),
        "first_difference": first_difference(base, after),
        "drift": {
            "equity": plain(round(base.equity - before.equity, 8)),
            "decisions": shared(before, base),
            "first_difference": first_difference(before, base),
        },
        "notes": _notes(
            len(standpoint.segments), len(data_sets), recorded.loaded.config.venue.faults
        ),
    }


def _notes(runs: int, data_sets: int, faults: str) -> list[str]:
    notes = [
        "every fill of both modelled runs is modelled; only the first column's fills are recorded"
    ]
    if runs > 1:
        notes.append(
            f"the journal holds {runs} runs: the modelled ones go through "
            "in one piece, kill and stop taken as pauses"
        )
    if data_sets > 1:
        notes.append(
            f"the journal holds {data_sets} data sets: the modelled runs cover the newest one only"
        )
    if faults:
        notes.append(
            f"the recorded venue misbehaved on purpose ({faults}); "
            "the modelled one does so with the same seed"
        )
    return notes


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
