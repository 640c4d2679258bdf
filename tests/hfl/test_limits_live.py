"""A running daemon takes a stricter limit at once and lets a raised one wait, across a restart."""

import pytest

from hfl.glance import Glance
from hfl.limits import held_limits
from tests.hfl.bot import Bot

pytestmark = pytest.mark.process


@pytest.fixture
def bot():
    with Bot() as one:
        yield one


def held(bot: Bot):
    with Glance.open(bot.home.journal.journal) as journal:
        return held_limits(journal)


def apply(bot: Bot, text: str):
    file = bot.folder / "new.toml"
    file.write_text(text)
    token = bot.hfl("config", "diff", str(file), "--json").json["token"]
    return bot.hfl("config", "apply", str(file), "--token", token, "--json")


def test_stricter_at_once_weaker_later_and_a_restart_changes_neither(bot):
    assert bot.hfl("init").code == 0
    bot.start_still()

    done = apply(
        bot, "[risk.limits]\ndaily_loss_fraction_max = 0.01\ndrawdown_fraction_max = 0.2\n"
    )

    assert done.code == 0, done.err
    told = done.json
    assert told["limits_taken_by_daemon"] is True
    assert told["limits"]["at_once"] == [
        {"limit": "daily_loss_fraction_max", "old": "0.02", "new": "0.01"}
    ]
    (waits,) = told["limits"]["waiting"]
    assert (waits["limit"], waits["old"], waits["new"]) == ("drawdown_fraction_max", "0.1", "0.2")
    before = held(bot)
    assert before.texts["daily_loss_fraction_max"] == "0.01"
    assert before.texts["drawdown_fraction_max"] == "0.1"

    assert bot.hfl("kill").code == 0
    bot.start_still()
    after = held(bot)

    assert after.texts == before.texts
    assert after.waiting == before.waiting
    shown = bot.hfl("risk")
    assert "drawdown_fraction_max: 0.1 -> 0.2 from" in shown.out, shown
