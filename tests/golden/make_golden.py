"""Writes a golden journal with today's code: `python -m tests.golden.make_golden NAME`.

What it holds: positions open, an order whose sending was never answered (unknown after the next
start), a stop in force that a human typed while nothing ran, refused rows, and a daemon that was
killed twice. Kept for ever: every later version must open it (test_golden.py). The key in it signs
nothing else. Make a new one when an event's shape changes, and never change an old one.
"""

import json
import shutil
import sqlite3
import sys
from pathlib import Path

from hfl import quick
from tests.process.harness import Case, folded

GOLDEN = Path(__file__).parent
SEED = 4
BARS = 70
KILLED_SUBMIT = 6
SETTINGS = (
    "feed.source=simulated",
    "strategy.name=trend",
    "strategy.parameters={fast = 6, slow = 15, adx = 7, band = 0.1}",
    "venue.participation_fraction=0.0001",
    "risk.limits.position_fraction_max=0.25",
    "risk.limits.order_notional_max_fraction=0.25",
    "risk.limits.positions_max=3",
)
FILES = {
    "paper-main.journal": "journal/paper-main.sqlite",
    "head.json": "journal/paper-main.head.json",
    "test-key.txt": "config/keys/paper-main.key",
    "venue.store": "venue/main/venue.db",
}


def main(name: str) -> None:
    target = GOLDEN / name
    target.mkdir()
    with Case(seed=SEED, bars=BARS, settings=SETTINGS) as case:
        home = case.folder / "h"
        first = case.start({"name": "broker:submit:after", "n": KILLED_SUBMIT, "total": 0})
        assert first.is_killed, first
        quick.main(["pause", "--home", str(home), "--reason", "golden", "--request-id", "golden1"])
        second = case.start({"name": "journal:after_commit", "n": 2, "total": 0})
        assert second.is_killed, second
        case.end_venue()
        book, intended, _ = folded(case)
        facts = {
            "settings": case.all_settings(),
            "positions": {each.symbol: str(each.quantity) for each in book.positions.values()},
            "unknown": [o.client_id for o in book.live.values() if o.status.value == "unknown"],
            "stops": {latch.latch_id: latch.level for latch in book.latches.values()},
            "orders": len(intended),
            "refused_rows": book.rejected_rows,
            "cash": str(book.cash),
        }
        for database in ("paper-main.journal", "venue.store"):
            _settle(home / FILES[database])
        for kept, original in FILES.items():
            shutil.copy(home / original, target / kept)
    (target / "facts.json").write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")


def _settle(path: Path) -> None:
    """Move what the log holds into the file itself."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
