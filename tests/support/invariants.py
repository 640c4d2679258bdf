"""The invariants, by number: each is one small function that returns what is wrong.

When they run: BOOT after every recovery, EVENT before each event is added up, GROUP after each
group of scans, STEP after each step, CALL when an order reaches the venue, REST when a run ended or
crashed, QUIET when the venue has been honest for a while, END at the very end.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from hfl_core.domain import events as ev
from hfl_core.domain.effects import Effect
from hfl_core.domain.orders import OrderIntent
from tests.support import invariants_calls as calls
from tests.support import invariants_quiet as quiet
from tests.support import invariants_steps as steps

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.support.world import World


class Step(NamedTuple):
    """One input, what came of it, and the positions before it."""

    event: ev.Event
    events: list[ev.Event]
    effects: list[Effect]
    positions: "dict[str, Decimal]"

    @property
    def scans(self) -> list[ev.ScansCoalesced]:
        """Return the rows of scans among input and outcomes."""
        return [e for e in (self.event, *self.events) if isinstance(e, ev.ScansCoalesced)]


class Seen(NamedTuple):
    """One event of a step, before it is added up."""

    event: ev.Event
    step: Step


class Call(NamedTuple):
    """One order as it reaches the venue."""

    client_id: str
    intent: OrderIntent


class InvariantError(AssertionError):
    """A law does not hold; `law` is its name."""

    def __init__(self, law: str, text: str) -> None:
        super().__init__(f"{law}: {text}")
        self.law = law


Law = Callable[..., str]

EVENT: Final[tuple[Law, ...]] = (
    steps.inv_01_fills_belong_to_their_order,
    steps.inv_03_entries_are_approved_in_the_same_step,
    steps.inv_05_acceptance_carries_the_venues_id,
    steps.inv_06_no_entry_is_intended_under_a_stop,
    steps.inv_08_no_order_overfills,
    steps.inv_09_exposure_with_everything_on_its_way_is_within_limits,
    steps.inv_10_limits_trip_once_and_end_with_their_period,
    steps.inv_12_recorded_equity_is_cash_and_positions,
    steps.inv_14_transitions_follow_the_table,
    steps.inv_16_the_digest_rolls,
    steps.inv_18_reconciliation_intends_no_entries,
    steps.inv_19_signals_use_the_bar_of_their_own_close,
    steps.inv_19_fills_come_after_their_intent,
    steps.inv_20_numbers_are_finite_and_positive,
    steps.inv_21_sizes_stay_within_the_risk_budget,
    steps.inv_22_unknown_is_resolved_by_evidence_alone,
    steps.inv_23_each_send_carries_its_run,
    steps.inv_25_text_of_desks_stays_out_of_orders,
    steps.inv_31_reductions_on_their_way_fit_the_position,
    steps.inv_31_reductions_never_cross_zero,
)
GROUP: Final[tuple[Law, ...]] = (
    steps.inv_10_reached_limits_are_latched,
    steps.inv_11_high_water_mark_falls_only_by_cash_flow_or_rebase,
)
STEP: Final[tuple[Law, ...]] = (
    steps.inv_01_book_holds_what_fills_say,
    steps.inv_14_memory_is_the_last_transition,
    quiet.inv_18_a_failed_report_says_nothing,
    steps.inv_22_old_unknowns_are_alarmed,
    steps.inv_29_positions_are_protected_or_alarmed,
)
CALL: Final[tuple[Law, ...]] = (
    calls.inv_02_nothing_is_sent_without_a_durable_intent,
    calls.inv_04_each_order_is_sent_once,
    calls.inv_06_no_entry_is_sent_under_a_stop,
    calls.inv_07_after_a_kill_only_protection_is_sent,
    calls.inv_19_prices_behind_entries_are_fresh,
    calls.inv_21_wire_values_are_whole_lots_and_ticks,
    calls.inv_28_entries_stay_below_the_throttles,
    calls.inv_31_exits_fit_what_the_venue_holds,
)
BOOT: Final[tuple[Law, ...]] = (
    quiet.inv_10_stops_survive_a_restart,
    quiet.inv_15_snapshot_and_tail_are_the_full_fold,
)
REST: Final[tuple[Law, ...]] = (
    quiet.inv_04_the_venue_saw_each_order_once,
    quiet.inv_13_the_chain_holds,
    quiet.inv_16_replay_decides_the_same,
    quiet.inv_17_recovery_is_idempotent,
)
QUIET: Final[tuple[Law, ...]] = (
    quiet.inv_01_positions_are_the_venues,
    quiet.inv_05_orders_are_the_venues,
    quiet.inv_12_cash_is_the_venues,
    quiet.inv_29_stops_stand_at_the_venue,
    quiet.inv_30_everything_comes_to_rest,
)
END: Final[tuple[Law, ...]] = (
    quiet.inv_15_the_fold_is_the_live_state,
    quiet.inv_20_every_number_of_every_row_is_finite,
    quiet.inv_24_every_entry_has_its_reasons,
)

# What no function here checks yet, and why.
NOT_YET: Final = {
    26: "the rig has no credentials; canaries are for the process and its logs",
    27: "nothing can be armed: paper and backtest only",
    32: "risk_check is answered by the control room, which this rig leaves out",
}


def check(world: "World", laws: Iterable[Law], *about: object) -> None:
    """Check laws in order. Raises InvariantError with the first that does not hold."""
    for law in laws:
        wrong = law(world, *about)
        if wrong:
            where = f"seed {world.plan.seed}, slot {world.number}, run {world.runs}"
            raise InvariantError(law.__name__, f"{wrong} ({where}, row {world.journal.seq})")


def numbers_covered() -> set[int]:
    """Return the numbers of the invariants that some function checks."""
    every = (*EVENT, *GROUP, *STEP, *CALL, *BOOT, *REST, *QUIET, *END)
    return {int(law.__name__.split("_")[1]) for law in every}
