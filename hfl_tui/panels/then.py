"""The past in lines: what was known, the line of time with its letters, today's verdict, later."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from hfl_tui.formats import (
    DAY_S,
    SECOND_NS,
    age,
    clock,
    day,
    money,
    percent,
    price,
    quantity,
    signed,
    signed_percent,
    stamp,
)
from hfl_tui.lines import EMPTY, Line, Span, ends, line, rule
from hfl_tui.link.moment import Moment
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Held, Picture
from hfl_tui.link.track import LETTERS
from hfl_tui.panels.gauges import gauge_lines, name_of, style_of
from hfl_tui.ports import CANNOT, DIFFERENT, SAME, Redecided

# The moment stands so far along the line of time.
NOW_AT: Final = 0.7
WEIGHTS: Final = {letter: number for number, letter in enumerate(LETTERS)}
LETTER_STYLES: Final = {"S": "bold", "R": "bold", "o": "key", "f": "good", "x": "warn", "t": "key"}
LABEL_COLUMNS: Final = 14
HASH_SHOWN: Final = 8
MARK_STYLES: Final = {SAME: "good", DIFFERENT: "alarm", CANNOT: "caution"}
# Where so much room is left, every limit is shown.
GAUGES_FROM_ROWS: Final = 3
LOSSES: Final = ("daily_loss", "drawdown")


# --- header ---------------------------------------------------------------------------------------


def header_lines(
    moment: Moment | None, picture: Picture, mood: Mood, *, play: str, leave: str, width: int
) -> list[Line]:
    """Return both rows: that this is the past, what is so now beside it, and which moment it is.

    play: whether time runs; leave: the key that leads out of the past.
    """
    out = line((f"{leave} go live", "dim"))
    trade = "" if moment is None else _trade_of(moment)
    first = line((f" REPLAY{trade} - NOT LIVE ", "banner"), "  ", ("live: ", "dim"),
                 *_live(picture, mood))  # fmt: skip
    if moment is None:
        return [ends(first, out, width), EMPTY]
    when = f"{day(moment.time_ns)} {clock(moment.time_ns)}"
    part = f".{moment.time_ns % SECOND_NS // 1_000_000:03}" if moment.time_ns % SECOND_NS else ""
    second = line(
        (f"{when}{part} UTC", "bold"), (" | ", "dim"), f"row {moment.seq:,} {moment.kind}"
    )
    return [
        ends(first, out, width),
        ends(second, line((play, "dim")), width),
    ]


def _trade_of(moment: Moment) -> str:
    held = held_of(moment)
    return f" T-{held.trade}" if held is not None else ""


def held_of(moment: Moment) -> Held | None:
    """Return the position of the symbol that is shown, None for none."""
    return next((one for one in moment.picture.held if one.symbol == moment.symbol), None)


def _live(picture: Picture, mood: Mood) -> list[Span]:
    """Return the running bot's state and day in a few words."""
    board = picture.board
    phase = mood.kind or (board.phase if board is not None else picture.state) or "new"
    found: list[Span] = [(phase.upper(), mood.weight or "bold")]
    worth = picture.worth
    start = Decimal(0) if worth is None else worth.starts.get("day", Decimal(0))
    if worth is not None and start:
        gain = worth.equity - start
        style = "good" if gain > 0 else ("bad" if gain < 0 else "")
        found += [("  day ", "dim"), (signed(gain), style)]
    return found


# --- the line of time -----------------------------------------------------------------------------


def track_lines(moment: Moment, width: int) -> list[Line]:
    """Return title, times and letters; one column is one bar, and behind now nothing is shown."""
    now_at = int(width * NOW_AT)
    frame, now_ns = max(moment.frame_ns, 1), moment.time_ns
    letters: list[str] = [" "] * width
    for column in range(now_at + 1):
        letters[column] = "."
    for mark in moment.marks:
        behind = -(-(now_ns - mark.time_ns) // frame) if mark.time_ns <= now_ns else 0
        ahead = -(-(mark.time_ns - now_ns) // frame) if mark.seq > moment.seq else 0
        column = now_at + max(ahead, 1) if mark.seq > moment.seq else now_at - behind
        if 0 <= column < width:
            letters[column] = _heavier(letters[column], mark.letter)
    told = "  ".join(f"{letter} {word}" for letter, word in LETTERS.items())
    title = rule("Timeline", width, more=f"{moment.symbol}  {told}" if width >= 76 else "")
    return [title, _times(moment, now_at, width), _letters(letters, now_at)]


def _heavier(one: str, other: str) -> str:
    return max(one, other, key=lambda letter: WEIGHTS.get(letter, -1))


def _letters(letters: Sequence[str], now_at: int) -> Line:
    spans: list[Span] = []
    for column, letter in enumerate(letters):
        style = "banner" if column == now_at else LETTER_STYLES.get(letter, "dim")
        spans.append((letter, style))
    return tuple(spans)


def _times(moment: Moment, now_at: int, width: int) -> Line:
    """Return times over the letters up to now, and a v over now itself."""
    text = [" "] * width
    is_daily = moment.frame_ns >= DAY_S * SECOND_NS
    now = f"v{clock(moment.time_ns)[:5]}" if not is_daily else f"v{day(moment.time_ns)}"
    text[now_at : now_at + len(now)] = now
    for column in range(0, max(0, now_at - LABEL_COLUMNS), LABEL_COLUMNS):
        then_ns = moment.time_ns - (now_at - column) * moment.frame_ns
        if then_ns > 0:
            told = day(then_ns) if is_daily else f"{day(then_ns)[5:]} {clock(then_ns)[:5]}"
            text[column : column + len(told)] = told
    return line(("".join(text[:width]), "dim"))


# --- what was known -------------------------------------------------------------------------------


def known_lines(moment: Moment, *, width: int, height: int) -> list[Line]:
    """Return money, limits, state and positions as of then, as many as there is room for."""
    picture = moment.picture
    found = [_equity(picture), *_losses(picture), _engine(picture)]
    found += [
        line(("stopped   ", "dim"), (f"{one.level} {one.reason}", "warn")) for one in picture.stops
    ]
    found += _positions(picture, width)
    live = picture.live_orders
    kinds = ", ".join(one.purpose for one in live[:3])
    found.append(line(("orders    ", "dim"), f"{len(live)} working" + (f": {kinds}" * bool(live))))
    found.append(_bars(moment))
    found.append(line(("limits    ", "dim"), f"{moment.limits[:HASH_SHOWN]}  ",
                      ("config ", "dim"), moment.config[:HASH_SHOWN]))  # fmt: skip
    found.append(line(("run       ", "dim"), picture.run_id))
    left = height - len(found) - 1
    if left >= GAUGES_FROM_ROWS:
        gauges = gauge_lines(picture, width=width, height=left, is_old=False)
        found += [rule("Risk used of limit", width), *gauges]
    return found[:height]


def _equity(picture: Picture) -> Line:
    worth = picture.worth
    if worth is None:
        return line(("equity    ", "dim"), "-")
    start = worth.starts.get("day", Decimal(0))
    gain = worth.equity - start if start else Decimal(0)
    style = "good" if gain > 0 else ("bad" if gain < 0 else "")
    return line(("equity    ", "dim"), (money(worth.equity), "bold"), ("  day ", "dim"),
                (signed(gain), style))  # fmt: skip


def _losses(picture: Picture) -> list[Line]:
    return [
        line((f"{name_of(one):<10}", "dim"), (percent(one.used), style_of(one)),
             f" of limit {money(one.limit)}")
        for one in picture.gauges
        if one.name in LOSSES
    ]  # fmt: skip


def _engine(picture: Picture) -> Line:
    why = f": {picture.halt_reason}" if picture.halt_reason else ""
    ended = f"  run ended: {picture.run_ended}" if picture.run_ended else ""
    return line(("engine    ", "dim"), (picture.state or "new", "bold"), f"{why}{ended}")


def _positions(picture: Picture, width: int) -> list[Line]:
    if not picture.held:
        return [line(("positions ", "dim"), "none")]
    rows = []
    for one in picture.held:
        worth = one.entry * abs(one.quantity)
        profit: Span = ("-", "dim")
        if one.profit is not None:
            profit = (signed(one.profit), "good" if one.profit > 0 else "bad" * bool(one.profit))
        share = f" {signed_percent(one.profit / worth)}" if one.profit is not None and worth else ""
        size = quantity(one.quantity, width=8)
        at = f" @ {price(one.entry)}" if width >= 40 else ""
        rows.append(
            line((f"{one.symbol:<9} ", "bold"), f"{one.side} {size}{at} ", profit,
                 share if width >= 34 else "", f" {one.stop_place}")
        )  # fmt: skip
    return rows


def _bars(moment: Moment) -> Line:
    chart = moment.chart
    if chart is None or not chart.candles:
        return line(("bars      ", "dim"), ("none known", "warn"))
    last = chart.candles[-1].close_ns
    old = age(last, moment.time_ns)
    return line(("bars      ", "dim"), f"to {stamp(last)[5:]}", (f"  {old} old" * (old != "now"),
                                                                "dim"))  # fmt: skip


# --- this step ------------------------------------------------------------------------------------


def step_title(moment: Moment, width: int) -> Line:
    """Return the title of what the row says."""
    return rule(
        f"This step: {moment.label}",
        width,
        more=moment.sentence[: max(0, width - len(moment.label) - 18)],
    )


def again_line(found: Redecided | None, *, key: str, width: int) -> Line:
    """Return whether today's code decides the step as then. key: what explains a difference."""
    head = line((" today's code: ", "dim"))
    if found is None:
        return (*head, ("deciding it again ...", "dim"))
    more = (f"  {key} explains", "dim") if found.rows else ("", "dim")
    room = max(8, width - 24 - len(more[0]) - len(found.mark))
    told = found.sentence if len(found.sentence) <= room else found.sentence[: room - 1] + "~"
    return line(*head, (f" {found.mark} ", MARK_STYLES[found.mark]), f" {told}", more)


def later_lines(
    moment: Moment, outcome: tuple[str, ...] | None, *, key: str, width: int, note: str = ""
) -> list[Line]:
    """Return what came of it; only that it is hidden while nobody pressed the key."""
    if not moment.is_revealed:
        return [rule("Then -> later", width, more=f"hidden; {key} reveals")]
    rows = [rule("Then -> later", width, more=f"{key} hides it again")]
    told = (note or "looking ...",) if outcome is None else outcome
    rows += [line(f" {text}"[:width]) for text in told]
    if moment.chart is not None and moment.chart.candles and moment.chart.ahead:
        last, end = moment.chart.candles[-1], moment.chart.ahead[-1]
        change = Decimal(end.close - last.close) / max(last.close, 1)
        bars = len(moment.chart.ahead)
        then = f"{price(end.close * moment.chart.tick)} ({signed_percent(change)})"
        rows.append(line(f" {moment.symbol} {bars} bars later: {then}"))
    return rows
