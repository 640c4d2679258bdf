"""`hfl cash`: deposits and withdrawals on paper."""

from decimal import Decimal

import pytest

from hfl.verb import CONTROL, DONE, USAGE
from tests.hfl.bot import Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as bot:
        yield bot


def moved(bot):
    return [row.amount for row in bot.rows("CashMoved")]


def test_a_deposit_and_a_withdrawal_arrive_once_each_and_are_no_profit(bot):
    bot.start_still()
    bot.until(lambda: bot.standing().state != "halted")

    deposited = bot.hfl("cash", "deposit", "500.25", "--json")
    withdrawn = bot.hfl("cash", "withdraw", "100")

    assert (deposited.code, withdrawn.code) == (DONE, DONE), (deposited, withdrawn)
    assert deposited.json["deposit"] == "500.25"
    assert "withdrew 100" in withdrawn.out
    assert moved(bot) == [Decimal("500.25"), Decimal(-100)]


def test_more_than_there_is_stays_where_it_is(bot):
    bot.start_still()
    bot.until(lambda: bot.standing().state != "halted")

    said = bot.hfl("cash", "withdraw", "1000000")

    assert said.code == CONTROL
    assert "expected at most the cash" in said.sentence
    assert moved(bot) == []


@pytest.mark.parametrize("amount", ["-5", "0", "lots", "NaN", "1e999999", ""])
def test_what_is_no_amount_is_refused_before_anything_is_asked(bot, amount):
    said = bot.hfl("cash", "deposit", amount)

    assert said.code == USAGE
    assert "above zero" in said.sentence


def test_without_a_daemon_it_says_how_to_get_one(bot):
    said = bot.hfl("cash", "deposit", "5")

    assert said.code == CONTROL
    assert "hfl run" in said.sentence
