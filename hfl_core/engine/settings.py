"""What the engine is built with; nothing here changes during a run.

Knows nothing of files or environment.
"""

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Final

from hfl_core.domain.instruments import Instrument
from hfl_core.domain.limits import RiskLimits
from hfl_core.domain.values import Record
from hfl_core.risk.context import Rule
from hfl_core.strategies.base import Strategy

SECOND_NS: Final = 1_000_000_000
POLICY_NONE: Final = "none"
POLICY_NEXT_PERIOD: Final = "next-period"


class Watch(Record, frozen=True, kw_only=True):
    """One instrument to watch and the strategy that watches it."""

    instrument: Instrument
    strategy: Strategy
    strategy_name: str


class EngineSettings(Record, frozen=True, kw_only=True):
    """Everything `step` depends on besides its inputs.

    rules: in name order; desks: who is asked before an entry, none for a purely technical run;
    settle_ns: how long a venue's "not found" means nothing; opinion_veto: opposing score x
    confidence from which an opinion vetoes; fixed_lots: 0 for sizing by risk, else that many lots
    (benchmarks and truth runs); reconcile_scans: scans between two looks at the whole account while
    something is held or working (while flat once a day), 0 for never (a venue in this process);
    raise_delay_ns: how long a raised limit waits; named_zones: what finds the zone of changed
    limits by its name; scan_grace_ns: how long after its close a slot of a stream waits for the
    bars that are missing.
    """

    mode: str
    journal_id: str
    watches: tuple[Watch, ...]
    limits: RiskLimits
    limits_hash: str
    rules: tuple[Rule, ...]
    currency: str = "USD"
    venue: str = "paper"
    zone: tzinfo = UTC
    operator_policy: str = POLICY_NONE
    entry_score_min: float = 0.1
    desks: tuple[str, ...] = ()
    opinion_deadline_ns: int = 20 * SECOND_NS
    opinion_veto: float = 0.5
    settle_ns: int = 120 * SECOND_NS
    scans_per_group_max: int = 500
    fixed_lots: int = 0
    failures_alarm: int = 3
    raise_delay_ns: int = 24 * 3_600 * SECOND_NS
    named_zones: Callable[[str], tzinfo] | None = None
    reconcile_scans: int = 12
    scan_grace_ns: int = 20 * SECOND_NS

    def zone_of(self, name: str) -> tzinfo:
        """Return the zone of a name that limits carry."""
        return self.zone if self.named_zones is None else self.named_zones(name)
