"""A user's questions, each answered by the screen within its number of keys, and rightly.

Beside a running bot whose market stands still: what the screen says is held against the daemon's
own word, the venue's books and the journal, never against the screen's own fold.
"""

import time
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from hfl.remote import snapshot
from hfl.screen.outfit import outfit
from hfl.whereabouts import find
from hfl_core.brokers.paper import Broker
from hfl_core.domain import events as ev
from hfl_core.engine.book import Book
from hfl_core.gateway import latch_files
from hfl_journal.reader import JournalReader
from hfl_tui.app import Viewer
from hfl_tui.emergency.siren import KILL
from tests.hfl.bot import BARS_MAX, WAIT_S, Bot
from tests.tui.kit import drive, face, press, session, text, until

pytestmark = pytest.mark.process
HALF_SPREAD = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.0001"), "EUR": Decimal("0.00005")}


@pytest.fixture(scope="module")
def bot():
    """Return a bot that holds a position, lost money today, and refused an entry before."""
    with Bot() as made:
        made.start_still()
        made.bars(0)
        while not (agrees(made) and lost(made) > 0 and refusals(made)):
            assert made.allowed < BARS_MAX
            made.bars(1)
        yield made


def agrees(bot):
    """Tell whether something is held, and bot and venue say the same of it."""
    held = {symbol: Decimal(row[0]) for symbol, row in bot.standing().positions.items()}
    return bool(held) and held == bot.venue_positions()


def word(bot):
    """Return what the engine's thread said last of itself."""
    return snapshot(bot.home)


def lost(bot):
    # It says so four times a second.
    time.sleep(0.4)
    said = word(bot)
    return Decimal(said["period_starts"]["day"]) - Decimal(said["equity"])


def rows(bot, *kinds):
    with JournalReader.open(bot.home.journal.journal) as reader:
        return list(reader.rows_of(*kinds))


def refusals(bot):
    return [row for row in rows(bot, "RiskAssessed") if not row.event.allowed]


@asynccontextmanager
async def watching(bot, *, size=(80, 24)):
    viewer = Viewer(outfit(find(str(bot.root), None)))
    async with viewer.run_test(size=size) as pilot:
        await until(pilot, lambda: viewer.picture.loaded >= 1 and viewer.picture.board)
        await until(pilot, lambda: text(viewer).endswith("^X EMERG"))
        yield pilot, viewer


def ask(bot, story, *, keys=(), size=(80, 24)):
    """Open the screen, press the keys that a question may cost, and hear the answer."""

    async def run():
        async with watching(bot, size=size) as (pilot, viewer):
            for key in keys:
                await press(pilot, key)
            await story(pilot, viewer)

    drive(run())


def test_1_is_it_trading_and_in_which_state(bot):
    async def story(pilot, viewer):
        head = text(viewer).splitlines()[0]
        state = bot.standing().state
        assert f"[{state.upper()}]" in head
        assert head.startswith("PAPER ")
        assert head.endswith("hb ok")
        assert viewer.picture.pid == bot.started[-1].pid

    ask(bot, story)


def test_2_am_i_up_or_down_today(bot):
    async def story(pilot, viewer):
        said = word(bot)
        equity, start = Decimal(said["equity"]), Decimal(said["period_starts"]["day"])
        gain = equity - start
        head = text(viewer).splitlines()[0]
        assert gain < 0
        share = f"{gain / start * 100:+.2f}%"
        share = share[1:] if share[1:] == "0.00%" else share
        assert f"eq {equity:,.2f}  day {gain:+,.2f} {share}" in head

    ask(bot, story)


def test_3_how_close_am_i_to_the_daily_loss_limit(bot):
    gauge = next(
        one for one in bot.hfl("risk", "--json").json["gauges"] if one["limit"] == "daily_loss"
    )
    used, left = Decimal(gauge["used"]), Decimal(gauge["left"])

    async def dashboard(pilot, viewer):
        row = next(row for row in text(viewer).splitlines() if "day loss" in row)
        assert row.rpartition("day loss")[2].split()[1:] == [f"{used:.0%}", f"{left:.1f}"]

    async def detail(pilot, viewer):
        assert face(viewer) == "risk"
        row = next(row for row in text(viewer).splitlines() if row.startswith(" day loss"))
        now, limit = Decimal(gauge["now"]), Decimal(gauge["limit_value"])
        assert f"{now:,.2f}" in row
        assert f"{limit:,.2f}" in row
        assert "|" in row
        assert f"{left:,.2f} halt" in row

    ask(bot, dashboard)
    ask(bot, detail, keys=("4",))


@pytest.mark.parametrize("place", [0, -1])
def test_4_why_did_it_buy_what_it_holds(bot, place):
    held = list(bot.standing().positions)[place]
    keys = ("w",) if place == 0 else ("/", *held.removeprefix("SIM-").lower(), "enter", "w")
    assert len(keys) <= 6
    signal = [row.event for row in rows(bot, "SignalEmitted") if row.event.symbol == held][-1]
    judged = next(
        row.event for row in rows(bot, "RiskAssessed") if row.event.decision == signal.decision
    )

    async def story(pilot, viewer):
        await until(pilot, lambda: "Verdict" in text(viewer))
        told = viewer.screen.told.told
        said = "\n".join(row for part in told.sections for row in part.rows)
        stance = "LONG" if signal.direction > 0 else "SHORT"
        assert f"{stance} {held}: {signal.setup}; score " in text(viewer)
        assert signal.rationale in said
        passed = sum(rule.outcome.value != "refuse" for rule in judged.rules)
        titles = [part.title for part in told.sections]
        assert f"Risk rules {passed} of {len(judged.rules)} passed" in titles
        assert all(rule.rule in said for rule in judged.rules)

    ask(bot, story, keys=keys)


def test_5_why_did_it_not_trade_something(bot):
    refused = refusals(bot)[-1]
    symbol = refused.event.symbol
    text_typed = symbol.removeprefix("SIM-").lower()
    keys = ("2", "v", "/", *text_typed, "enter", "w")
    assert len(keys) == 8

    async def story(pilot, viewer):
        await until(pilot, lambda: viewer.screen.table.rows)
        await press(pilot, *keys[2:])
        await until(pilot, lambda: face(viewer) == "why" and viewer.screen.told.told)
        told = viewer.screen.told.told
        said = "\n".join(row for part in told.sections for row in part.rows)
        assert f"REFUSED by risk: {refused.event.reason}." in said
        for rule in refused.event.rules:
            mark = {"approve": "ok", "refuse": "NO", "not_applicable": "n/a"}.get(
                rule.outcome.value, ""
            )
            line = next(row for row in said.splitlines() if f" {rule.rule} " in f"{row} ")
            assert line.split()[0] == (mark or line.split()[0])

    ask(bot, story, keys=keys[:2])


def test_6_is_my_data_fresh(bot):
    async def story(pilot, viewer):
        head = text(viewer).splitlines()[1]
        newest = word(bot)["engine_time_ns"]
        told = time.strftime("%Y-%m-%d %H:%M", time.gmtime(newest // 10**9))
        assert f"bar {told} " in head
        # The market was stopped by this test: the bar's age is told, and its row's.
        assert f"rows {rows(bot, 'Transitioned')[-1].seq // 1000 or ''}" in head
        last_wall = rows(bot, "ScansCoalesced")[-1].wall_ns
        assert viewer.picture.worth.wall_ns >= last_wall

    ask(bot, story)


def test_7_are_stops_really_at_the_broker(bot):
    broker = Broker(bot.root / "run" / "venue-main.sock", account="main")
    held = bot.venue_positions()
    resting = {
        str(one.symbol)
        for one in broker.open_orders(deadline_s=WAIT_S)
        if held.get(str(one.symbol), Decimal(0)) * one.side.sign < 0
    }

    async def story(pilot, viewer):
        lines = text(viewer).splitlines()
        column = next(row for row in lines if " S│" in row).index(" S│") + 1
        for symbol in held:
            row = next(row for row in lines if symbol in row[:12])
            assert row[column] == ("b" if symbol in resting else "!")
        assert "S: b stop at broker" in text(viewer)

    assert held
    assert resting == held.keys()
    ask(bot, story)


def test_8_what_went_wrong_last_night(bot):
    """Something that a human should see is a stop that somebody set: set one, and lift it."""
    assert bot.hfl("pause", "--reason", "a bad dream").code == 0
    bot.until(lambda: bot.standing().stops)
    assert bot.resume().code == 0
    latched = [row for row in rows(bot, "StopLatched") if row.event.reason == "a bad dream"]

    async def story(pilot, viewer):
        await until(pilot, lambda: "only alerts" in text(viewer))
        shown = {row.key: row for row in viewer.screen.table.rows}
        assert str(latched[-1].seq) in shown
        assert "a bad dream" in text(viewer)
        for key, row in shown.items():
            assert row.mark == "!", key

    async def news(pilot, viewer):
        assert "alerts none" not in text(viewer).splitlines()[1]

    ask(bot, news)
    ask(bot, story, keys=("!",))


def test_9_what_did_it_know_when_it_traded(made):
    """`2`, `j`, `R`: the moment of that trade's decision, with the account as it was then."""

    async def story(pilot, viewer):
        await press(pilot, "2")
        await until(pilot, lambda: len(viewer.screen.table.rows) > 1)
        await press(pilot, "j")
        trade = viewer.screen._trades[int(viewer.screen.table.selected)]
        await press(pilot, "R")
        replay = viewer.face("replay")
        await until(pilot, lambda: replay.moment_shown is not None)
        moment = replay.moment_shown
        assert moment.symbol == trade.symbol
        assert moment.time_ns <= trade.opened_ns
        book = Book()
        with JournalReader.open(made.home.journal.journal) as reader:
            for row in reader.rows(0, moment.seq):
                book.apply(row.event, row.time_ns)
        assert "NOT LIVE" in text(viewer)
        await until(pilot, lambda: f"{book.equity:,.2f}" in text(viewer))

    session(made, story)


def test_10_what_happens_if_i_kill_it_now(bot):
    before = latch_files.read(bot.home.paths.latch)
    held = bot.venue_positions()

    async def story(pilot, viewer):
        said = text(viewer)
        noun = "position" if len(held) == 1 else "positions"
        assert f"{len(held)} {noun}" in said
        assert f"stops: {len(held)} at broker" in said
        assert f"stop the engine; {len(held)} STAY OPEN" in said
        assert viewer.siren.trail is None

    ask(bot, story, keys=("ctrl+x",))
    assert latch_files.read(bot.home.paths.latch) == before


def test_11_stop_adding_risk(bot):
    async def story(pilot, viewer):
        await until(pilot, lambda: "acknowledged" in text(viewer))
        assert "orders accepted since latch: 0" in text(viewer)
        stops = bot.until(lambda: bot.standing().stops)
        assert [stop.level for stop in stops] == ["reduce_only"]
        assert stops[0].reason == "pause on the screen"
        latched = rows(bot, "StopLatched")[-1]
        assert latched.event.latch_id == viewer.siren.trail.request_id
        await press(pilot, "escape")
        await until(pilot, lambda: " PAUSED " in text(viewer).splitlines()[0])

    try:
        ask(bot, story, keys=("ctrl+x", "ctrl+x"))
    finally:
        assert bot.resume().code == 0


@pytest.fixture(scope="module")
def advised():
    """Return a bot whose entries a desk was asked about."""
    with Bot() as made:
        made.start_still("--feed", "simulated", "--bars", "5000", "--speed", "72000",
                         "--set", 'engine.desks=["investor"]')  # fmt: skip
        made.bars(0)
        while not rows(made, "OpinionReceived"):
            made.bars(1)
        yield made


def test_12_which_model_was_slow_or_replaced_by_a_fallback(advised):
    answered = rows(advised, "OpinionReceived")[-1]
    assert isinstance(answered.event, ev.OpinionReceived)
    asked = [row for row in rows(advised, "OpinionAsked") if row.seq < answered.seq][-1]
    took_s = (answered.wall_ns - asked.wall_ns) / 1e9
    took = f"{took_s * 1e3:.0f}ms" if took_s < 0.1 else f"{took_s:.1f}s"
    is_slow = took_s > (asked.event.deadline_ns - asked.time_ns) / 2e9
    state = "FALLBACK" if answered.event.degraded else ("slow" if is_slow else "ok")

    async def wide(pilot, viewer):
        head = text(viewer).splitlines()[1]
        assert f"models {int(state == 'ok')}/1 investor {took}" in head
        assert (state in head) == (state != "ok")
        row = next(row for row in text(viewer).splitlines() if "│investor  " in row)
        assert f" {state} " in row
        assert answered.event.source in row

    async def one_key(pilot, viewer):
        await until(pilot, lambda: "Verdict" in text(viewer))
        said = "\n".join(row for part in viewer.screen.told.told.sections for row in part.rows)
        assert f"investor/{answered.event.source}"[:12] in said

    ask(advised, wide, size=(140, 40))
    ask(advised, one_key, keys=("w",))


def test_12_says_none_where_no_model_was_asked(bot):
    async def story(pilot, viewer):
        assert not rows(bot, "OpinionAsked")
        assert "models none asked in this run" in text(viewer).splitlines()[1]

    ask(bot, story, size=(140, 40))


def test_a_risk_check_holds_journal_and_venue_against_each_other(bot):
    held = bot.venue_positions()
    broker = Broker(bot.root / "run" / "venue-main.sock", account="main")
    working = len(broker.open_orders(deadline_s=WAIT_S))

    async def story(pilot, viewer):
        await press(pilot, "r")
        await until(
            pilot,
            lambda: (
                viewer.screen.told.told
                and viewer.screen.told.told.sections[0].title.startswith("Risk check")
            ),
        )
        checks, own = viewer.screen.told.told.sections[:2]
        assert checks.title.startswith("Risk check PASS ")
        said = "\n".join(checks.rows)
        assert f"broker vs engine positions equal ({len(held)})" in said
        assert f"stops resting at broker    {len(held)} of {len(held)}" in said
        assert f"open orders                equal ({working})" in said
        assert f"process {bot.started[-1].pid}" in said
        assert own.title == "The daemon's own word"

    ask(bot, story, keys=("4",))


def test_closing_is_costed_by_the_books_own_marks(bot):
    said = word(bot)
    held = bot.venue_positions()

    async def story(pilot, viewer):
        for symbol, quantity in held.items():
            mark = Decimal(said["marks"][symbol])
            profit = (mark - Decimal(said["positions"][symbol]["price"])) * quantity
            row = next(
                row for row in text(viewer).splitlines() if f"{symbol}  " in row and "cost" in row
            )
            assert f"P&L {profit:>+9,.2f}".replace("+-", "-") in row
        # Half of the spread in the default settings: 0.02 % of crypto, 0.01 % of forex.
        spread = sum(
            Decimal(said["marks"][symbol]) * abs(size) * HALF_SPREAD[symbol[-3:]]
            for symbol, size in held.items()
        )
        assert f"spread {spread:,.2f}" in text(viewer)
        assert viewer.siren.trail is None

    ask(bot, story, keys=("ctrl+x", "f"))
    assert KILL not in {level for level, _ in latch_files.read(bot.home.paths.latch).stops}
