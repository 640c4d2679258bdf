"""What a run recorded of its instruments, limits and costs, read from its journal once a run."""

import contextlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from hfl.glance import Data, Glance
from hfl_core.domain.errors import JournalError
from hfl_core.venue.model import Costs

# How the configuration names the parts of the costs.
PARTS = {
    "commission": "fee_fraction",
    "spread": "spread_fraction",
    "slippage": "slippage_fraction",
}


class RunTerms:
    """One run's terms. `of` reads them anew for another run; what is missing is empty."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._run: str | None = None
        self.instruments: Mapping[str, Data] = {}
        self.limits: Mapping[str, str] = {}
        self.costs: Mapping[str, Costs] = {}

    def of(self, run_id: str) -> "RunTerms":
        """Return these terms, of a run."""
        if self._run != run_id:
            self.instruments, self.limits, self.costs = {}, {}, {}
            with (
                contextlib.suppress(JournalError, ValueError, KeyError, TypeError),
                Glance.open(self._journal) as journal,
            ):
                self._read(journal, run_id)
                self._run = run_id
        return self

    def _read(self, journal: Glance, run_id: str) -> None:
        runs = journal.of(("RunStarted",))
        run = next((row for row in runs if row.data["run_id"] == run_id), None)
        if run is None:
            return
        if run.data.get("plan_blob"):
            plan = json.loads(journal.blob(run.data["plan_blob"]))
            own = (watch["instrument"] for watch in plan["watches"])
            self.instruments = {one["symbol"]: one for one in own}
            self.limits = {name: str(value) for name, value in plan["limits"].items()}
        if run.data.get("config_blob"):
            config = json.loads(journal.blob(run.data["config_blob"]))
            self.costs = {
                name: Costs(**{part: Decimal(str(own[key])) for part, key in PARTS.items()})
                for name, own in config["venue"]["costs"].items()
            }
