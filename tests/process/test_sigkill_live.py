"""The real daemon bar by bar under real SIGKILLs: orders and bars are neither lost nor doubled."""

import random

import pytest

from hfl.resume import rows_after
from hfl_core.domain import events as ev
from hfl_journal.reader import JournalReader
from tests.process.harness import SETTINGS, Case, kill_plan, run_case
from tests.process.test_sigkill import CLEAN, FAULT_SPECS, as_dict

pytestmark = pytest.mark.process

LIVE = (
    *SETTINGS,
    "feed.delivery=bars",
    "feed.arrival.late_fraction=0.05",
    "feed.arrival.doubled_fraction=0.02",
    "feed.arrival.missing_fraction=0.02",
)
KILLS = 4


def rows_of(case):
    with JournalReader.open(case.home.journal.journal) as reader:
        return list(rows_after(reader, 0))


def bars_of(rows):
    """Return what each bar says, in order of its row; fail when one is there twice."""
    found = {}
    for row in rows:
        if isinstance(row.event, ev.BarClosed):
            key = (row.event.symbol, row.event.close_ns)
            assert key not in found, f"{key} is a row twice"
            found[key] = row.event
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "seed"), [("none", 3), ("timeout_after", 4), ("lose_fills", 5)])
def test_killed_between_bars_nothing_is_lost_doubled_or_orphaned(fault, seed):
    chance = random.Random(f"live {fault} {seed}")
    plan = kill_plan(chance, KILLS, offset=3 * seed)
    with Case(seed=seed, faults=FAULT_SPECS[fault], settings=LIVE) as case:
        judgement = run_case(case, plan)
        taken = bars_of(rows_of(case))

        assert as_dict(judgement) == CLEAN, f"fault {fault}, seed {seed}, home {case.folder}"
        assert case.kills == KILLS
    with Case(seed=seed, settings=LIVE) as calm:
        calm.finish()

        assert bars_of(rows_of(calm)) == taken


@pytest.mark.slow
def test_killed_in_the_middle_of_a_slot_the_next_start_knows_the_half_slot():
    """Ended right behind a commit while the machine rests in scanning."""
    # Every input is committed alone, or the group of 50 ms would decide where a run can be ended.
    with Case(seed=11, settings=(*LIVE, "engine.group_commit_inputs=1")) as case:
        for number in range(30, 36):
            case.start({"name": "journal:after_commit", "n": number, "total": 0})
            rows = rows_of(case)
            states = [row.event.target for row in rows if isinstance(row.event, ev.Transitioned)]
            if states[-1] == "scanning":
                break
        assert states[-1] == "scanning"
        before = rows[-1].seq
        case.finish()
        later = [row.event for row in rows_of(case) if row.seq > before]
        scan = next(event for event in later if isinstance(event, ev.ScansCoalesced))
        half = [
            row.event
            for row in rows
            if isinstance(row.event, ev.BarClosed) and row.event.close_ns == scan.slot_last_ns
        ]
        moves = [event.trigger for event in later if isinstance(event, ev.Transitioned)]

        assert half
        assert moves[:3] == ["restart", "recover", "open_slot"]
        assert not {code for code, _ in scan.counts} & {"HALTED", "SKIPPED_BUSY"}
