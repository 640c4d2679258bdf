"""One picture with something of everything, and a teller with fixed words: for pictures of screens.

No engine makes it, so that a new rule or limit does not change what is compared.
"""

from decimal import Decimal

from hfl_tui.link.picture import Decision, Happening, OrderShown
from hfl_tui.ports import (
    DIFFERENT,
    Candle,
    Chart,
    Cost,
    Gauge,
    Outfit,
    Place,
    Redecided,
    Section,
    Skip,
    Told,
    TradePage,
    TradeRow,
    Worth,
)
from tests.tui.kit import NotedStopper
from tests.tui.pictures import NOW, SECOND, board, held, picture


def gauge(name, now, limit, *, unit="money", action="refuse", note=""):
    value, most = Decimal(now), Decimal(limit)
    return Gauge(
        name=name, now=value, limit=most, used=value / most, left=max(Decimal(0), most - value),
        unit=unit, action=action, note=note,
    )  # fmt: skip


GAUGES = (
    gauge("daily_loss", "5.06", "24.19", action="halt"),
    gauge("weekly_loss", "9.40", "60.47", action="halt"),
    gauge("monthly_loss", "11.02", "120.94", action="halt"),
    gauge("drawdown", "56.60", "180.65", action="halt"),
    gauge("gross", "458", "1204"),
    gauge("sector crypto", "237.3", "240.9"),
    gauge("trade risk", "6.5", "6.02", note="ETH-USDT"),
    gauge("positions", "3", "5", unit="count"),
)


def cost(spread, slippage, fee):
    return Cost(spread=Decimal(spread), slippage=Decimal(slippage), fee=Decimal(fee))


def order(number, *, symbol="BTC-USDT", purpose="protection", status="working", price="66680"):
    return OrderShown(
        number=number, client_id=f"hfp{number:03}", symbol=symbol, side="sell",
        type="stop" if purpose == "protection" else "market", purpose=purpose,
        quantity=Decimal("0.0021"), filled=Decimal(0) if status == "working" else Decimal("0.0021"),
        price=None if price is None else Decimal(price), status=status,
        is_live=status in {"working", "unknown"}, intended_ns=NOW - number * 60 * SECOND,
        note="" if status == "working" else "by the venue",
    )  # fmt: skip


def happened(seq, label, text, *, weight="", is_alert=False):
    return Happening(
        seq=seq, time_ns=NOW - (400 - seq) * SECOND, wall_ns=NOW - (400 - seq) * SECOND,
        label=label, text=text, weight=weight, is_alert=is_alert, symbol="BTC-USDT",
        ask=f"row {seq} BTC-USDT",
    )  # fmt: skip


HAPPENINGS = (
    happened(101, "run", "started 5c1f, paper-main"),
    happened(150, "refused", "SOL-USDT RISK_SECTOR", weight="warn"),
    happened(160, "signal", "BTC-USDT LONG +0.33: uptrend"),
    happened(161, "risk", "BTC-USDT passed 6 of 6, size 0.0021"),
    happened(162, "order", "BUY 0.0021 BTC-USDT market (entry)"),
    happened(163, "fill", "BUY 0.0021 BTC-USDT @ 67010, fee 0.0141", weight="good"),
    happened(170, "UNKNOWN", "ETH-USDT no answer in time", weight="bad", is_alert=True),
    happened(399, "scan", "1 scan: SIGNAL_WEAK 1"),
)
POSITIONS = (
    held("BTC-USDT", quantity="0.0021", mark="110.43", trade=42, cost=cost("0.01", "0.02", "0.14")),
    held("EUR-USD", quantity="-200", mark="100.18", trade=39, cost=cost("1.00", "0.40", "0")),
    held("ETH-USDT", quantity="0.031", stop_place="!", mark="98.1", trade=37),
)
DECISION = Decision(
    seq=160, time_ns=NOW - 240 * SECOND, symbol="BTC-USDT", direction=1, setup="uptrend",
    rationale="SMA(20) stands +0.81 ATR from SMA(50), ADX is 27: there is a trend.",
    blended="0.33", views=(("banker", "0.30", "0.58"), ("investor", "0.40", "0.71"),
                           ("market", "0.30", "-0.44")),
    verdict="approved", is_allowed=True, quantity=Decimal("0.0021"), passed=6, asked=6,
)  # fmt: skip
PICTURE = picture(
    seq=88_431,
    row_wall_ns=NOW - 7 * SECOND,
    board=board(phase="scanning"),
    held=POSITIONS,
    orders=(
        order(7), order(6, symbol="ETH-USDT", status="unknown", price="3075"),
        order(5, purpose="entry", status="filled", price=None),
        order(4, symbol="EUR-USD", purpose="exit", status="cancelled"),
    ),
    worth=Worth(
        equity=Decimal("1204.33"), high_water_mark=Decimal("1260.93"),
        starts={"day": Decimal("1209.39")}, time_ns=NOW, wall_ns=NOW,
    ),
    gauges=GAUGES,
    decision=DECISION,
    happenings=HAPPENINGS,
    currency="USD",
    trades=3,
    scans=412,
)  # fmt: skip
TOLD = Told(
    headline="T-42 BTC-USDT long +0.43",
    sections=(
        Section(title="Verdict", rows=("LONG BTC-USDT: uptrend; score 0.33.", "Against: market.")),
        Section(title="Votes and weights", rows=("view     score  weight", "banker  +0.58   0.30")),
        Section(title="Risk rules 2 of 3 passed", rows=(
            "NO   sector           value 241  limit 240.9  headroom 0",
            "ok   daily_loss       value 5.06  limit 24.19  headroom 19.13",
            "n/a  spread           the feed has none",
        )),
        Section(title="Timeline", rows=("11:58:03  signal", "11:58:05  +1.9s  risk  approved",
                                        "a long line " * 12)),
    ),
)  # fmt: skip


class SampleTeller:
    """Tells the same whatever it is asked."""

    def tell(self, ask):
        return TOLD

    def risk(self):
        return TOLD

    def check(self):
        return TOLD

    def trades(self, before_seq):
        trade = TradeRow(
            number=42, symbol="BTC-USDT", side="long", opened_ns=NOW - 3600 * SECOND,
            closed_ns=NOW, quantity=Decimal("0.0021"), entry=Decimal(67010),
            exit=Decimal("67214.5"), profit=Decimal("0.43"), reason="signal: trend over", seq=400,
        )  # fmt: skip
        skip = Skip(
            seq=150,
            time_ns=NOW,
            symbol="SOL-USDT",
            what="refused",
            why="RISK_SECTOR",
            ask="row 150",
        )
        return TradePage(trades=(trade,), skips=(skip,), before_seq=0)


# A market that goes up and down by itself: (open, high, low, close) in ticks of a cent.
def candle(number):
    opened = 6_700_000 + 900 * ((number * 7) % 23) + 350 * number
    closed = opened + (1_400 if number % 3 else -1_100)
    high, low = max(opened, closed) + 500, min(opened, closed) - 700
    return Candle(NOW + (number - 60) * 3600 * SECOND, opened, high, low, closed)


class SampleRewinder:
    """The same market and the same verdict at every moment."""

    def gauges(self, book, worth, marks):
        return GAUGES

    def moment_of(self, ask):
        return 2, "BTC-USDT"

    def chart(self, seq, symbol, *, count, ahead):
        return Chart(
            symbol=symbol or "BTC-USDT", tick=Decimal("0.01"), frame_ns=3600 * SECOND,
            candles=tuple(candle(number) for number in range(61 - count, 61)) if count else (),
            ahead=tuple(candle(number) for number in range(61, 61 + ahead)),
            symbols=("BTC-USDT", "ETH-USDT"),
            marks={"BTC-USDT": candle(60).close * Decimal("0.01"), "ETH-USDT": Decimal(3098)},
        )  # fmt: skip

    def redecide(self, seq, is_wanted):
        return Redecided(
            mark=DIFFERENT, sentence="first difference at row 4 RiskAssessed",
            rows=("first difference: row 4 RiskAssessed", "recorded 2", "replayed 3"),
        )  # fmt: skip

    def outcome(self, seq, symbol):
        return ("T-42 BTC-USDT long: out at 67214.5 after 1 h, signal: trend over",
                "result +0.43 after fees 0.03, R +0.6")  # fmt: skip

    def whatif(self, text, is_wanted):
        return Told(headline=text, sections=(Section(title="What if", rows=("changed",)),))


def sample_outfit(folder, *, journal=None):
    place = Place(
        name="paper-main",
        mode="paper",
        account="main",
        journal=journal or folder / "none.sqlite",
        board_file=str(folder / "none.json"),
        lock_file=str(folder / "none.lock"),
        emergency_socket=str(folder / "none.sock"),
    )
    return Outfit(place=place, teller=SampleTeller(), gauges=lambda *_: GAUGES,
        stopper=NotedStopper(), rewinder=SampleRewinder())  # fmt: skip
