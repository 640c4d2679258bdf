"""Currency, number of bets and age of the price."""

import pytest

from hfl_core.domain.values import with_changes
from hfl_core.domain.verdicts import Outcome
from hfl_core.risk.rules import currency, positions_max, price_age
from tests.engine.kit import limits
from tests.risk.context import UNIT, context


def test_a_dollar_account_refuses_what_is_priced_in_yen():
    verdict = currency.Rule().check(context(instrument=with_changes(UNIT, currency="JPY")))

    assert (verdict.outcome, verdict.value, verdict.limit) == (Outcome.REFUSE, "JPY", "USD")
    assert verdict.note == "no conversion rate from JPY to USD"


def test_the_same_currency_passes_without_a_note():
    verdict = currency.Rule().check(context())

    assert (verdict.outcome, verdict.note) == (Outcome.APPROVE, "")


@pytest.mark.parametrize(("bets", "outcome"), [(4, "approve"), (5, "refuse"), (6, "refuse")])
def test_a_sixth_bet_is_refused(bets: int, outcome: str):
    verdict = positions_max.Rule().check(context(limits(positions_max=5), bets=bets))

    assert (verdict.outcome, verdict.headroom) == (outcome, str(5 - bets))


@pytest.mark.parametrize(
    ("age", "most", "outcome"),
    [
        (0, 0, "approve"),
        (1_000_000_000, 0, "refuse"),
        (1, 0, "refuse"),
        (20, 20, "approve"),
        (21, 20, "refuse"),
        (-1, 20, "refuse"),
    ],
)
def test_a_price_may_be_as_old_as_opinions_may_take(age: int, most: int, outcome: str):
    verdict = price_age.Rule().check(context(price_age_ns=age, price_age_max_ns=most))

    assert (verdict.outcome, verdict.value, verdict.limit) == (outcome, str(age), str(most))
