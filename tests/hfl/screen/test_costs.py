"""What closing is said to cost is what the paper venue then charges, to the last digit."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hfl.glance import Glance
from hfl.screen.costs import ClosingCosts, cost_of
from hfl.screen.terms import RunTerms
from hfl_core.domain.bars import BarRow
from hfl_core.domain.ids import ClientOrderId, Symbol
from hfl_core.domain.instruments import AssetClass, Instrument
from hfl_core.domain.orders import OrderType, Side, TimeInForce
from hfl_core.engine.book import Book
from hfl_core.engine.book_records import PositionRecord
from hfl_core.venue.matching import Matching
from hfl_core.venue.model import Costs, NewOrder, VenueSettings

HOUR = 3_600 * 1_000_000_000
FRACTIONS = st.decimals(min_value=0, max_value=Decimal("0.01"), places=5)


def traded(costs, *, ticks, lots, side):
    """Open a position, then close it with a market order at a bar that opens at a price.

    Return the money that the close took away from the position's value at that price.
    """
    settings = VenueSettings(costs=dict.fromkeys(AssetClass, costs), participation=Decimal(1))
    venue = Matching(venue="paper", account="paper", settings=settings)
    venue.move_cash("opening", Decimal(10**12))
    venue.list_instrument(
        Instrument(
            symbol=Symbol("A"),
            asset_class=AssetClass.CRYPTO,
            tick=Decimal("0.01"),
            lot=Decimal("0.001"),
            notional_min=Decimal(0),
            currency="USD",
            may_short=True,
        )
    )
    quantity = lots * Decimal("0.001")
    bar = BarRow(0, ticks, ticks, ticks, ticks, 1e12, 0)
    venue.on_bar(bar, 0, HOUR)
    cash = []
    for number, (way, reduces) in enumerate(((side, False), (side.opposite, True)), start=1):
        accepted = venue.submit(
            NewOrder(
                client_id=ClientOrderId(f"o{number}"),
                symbol=Symbol("A"),
                side=way,
                type=OrderType.MARKET,
                quantity=quantity,
                is_reduce_only=reduces,
                limit_price=None,
                stop_price=None,
                time_in_force=TimeInForce.DAY,
            )
        )
        assert isinstance(accepted, str), accepted
        venue.on_bar(bar, number * HOUR, (number + 1) * HOUR)
        cash.append(venue.account().cash)
    assert not any(row.quantity for row in venue.account().positions)
    value = quantity * ticks * Decimal("0.01") * side.sign
    return cash[0] + value - cash[1]


@given(
    ticks=st.integers(100, 10**7),
    lots=st.integers(1, 10**5),
    side=st.sampled_from(list(Side)),
    costs=st.builds(Costs, commission=FRACTIONS, spread=FRACTIONS, slippage=FRACTIONS),
)
def test_the_estimate_is_what_the_venue_takes_when_the_next_bar_opens_at_the_mark(
    ticks, lots, side, costs
):
    quantity = lots * Decimal("0.001") * side.sign
    mark = ticks * Decimal("0.01")
    found = cost_of(quantity, mark, instrument={"tick": "0.01"}, costs=costs)

    assert found.total == traded(costs, ticks=ticks, lots=lots, side=side)
    assert found.fee >= 0
    assert found.spread == mark * abs(quantity) * costs.spread / 2


def test_the_parts_are_spread_slippage_and_fee_worked_out_by_hand():
    """10 at 101.01: half of 0.2 % and 0.05 % is 0.151515, sold at 100.85; 0.1 % of 1008.50."""
    costs = Costs(commission=Decimal("0.001"), spread=Decimal("0.002"), slippage=Decimal("0.0005"))
    found = cost_of(Decimal(10), Decimal("101.01"), instrument={"tick": "0.01"}, costs=costs)

    assert found.spread == Decimal("1.0101")
    assert found.slippage == Decimal("1.60") - Decimal("1.0101")
    assert found.fee == Decimal("1.0085")


def test_costs_are_those_of_the_run_and_nothing_is_said_of_what_is_not_known(made):
    terms = RunTerms(made.home.journal.journal)
    book = Book()
    with Glance.open(made.home.journal.journal) as journal:
        book.run_id = next(iter(journal.of(("RunStarted",)))).data["run_id"]
    for symbol in ("SIM-BTC", "SIM-ETH", "UNKNOWN"):
        book.positions[symbol] = PositionRecord(
            symbol=symbol, quantity=Decimal(2), price=Decimal(90), trade=1, decision=1, opened_ns=1
        )
    found = ClosingCosts(terms)(book, {"SIM-BTC": Decimal(100), "UNKNOWN": Decimal(5)})

    # 0.1 % fee, half of 0.02 % spread, 0.01 % slippage: the crypto line of the default settings.
    assert set(found) == {"SIM-BTC"}
    assert found["SIM-BTC"].spread == Decimal("0.02")
    assert found["SIM-BTC"].slippage == Decimal("0.02")
    assert found["SIM-BTC"].fee == Decimal("0.19996")
