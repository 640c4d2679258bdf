"""Why the bot is stopped, in full: cause, value against limit, who, what is open, how to go on."""

from typing import Final

from hfl_tui.formats import clock, money, stamp
from hfl_tui.link.mood import Mood
from hfl_tui.link.picture import Picture, StopShown
from hfl_tui.ports import Section, Told

LEVELS: Final = {
    "kill": "kill: nothing but cancels, and what a typed close-all wants",
    "reduce_only": "reduce only: no new risk; exits, trailing and protective stops go on",
}
HOW: Final = (
    "type :resume, then RESUME and why it is safe; or hfl resume in a shell",
    "what is lifted is exactly what is shown then; a later stop stays",
)


def halt_told(picture: Picture, mood: Mood) -> Told:
    """Return it in sections; a bot that is not stopped says so."""
    sections = [Section(title=_title(stop), rows=tuple(_rows(stop))) for stop in picture.stops]
    if picture.halted_symbols:
        rows = tuple(f"{symbol}: {why}" for symbol, why in picture.halted_symbols)
        sections.append(Section(title="Instruments that are halted", rows=rows))
    if not sections:
        state = picture.halt_reason or mood.sentence or "nothing is stopped: new risk is allowed"
        sections.append(Section(title="State", rows=(f"{picture.state or 'new'}: {state}",)))
    else:
        sections.append(Section(title="How to go on", rows=HOW))
    return Told(headline=mood.kind or "not stopped", sections=(*sections, _open(picture)))


def _title(stop: StopShown) -> str:
    return (stop.limit or stop.level).replace("_", " ")


def _rows(stop: StopShown) -> list[str]:
    rows = [f"cause      {stop.reason}"]
    if stop.value is not None and stop.threshold is not None:
        rows.append(f"value      {money(stop.value)} against the limit of {money(stop.threshold)}")
    rows.append(f"since      {stamp(stop.since_ns)} {clock(stop.since_ns)} UTC, engine time")
    rows.append(f"by         {stop.actor}")
    rows.append(f"level      {LEVELS.get(stop.level, stop.level)}")
    if stop.period_end_ns:
        rows.append(f"earliest   {stamp(stop.period_end_ns)} UTC, when its period is over")
    rows.append(f"stop       {stop.latch_id}" + (f", row {stop.seq:,}" if stop.seq else ""))
    return rows


def _open(picture: Picture) -> Section:
    words = {"b": "stop rests at the broker", "!": "stop in the engine only", "-": "NO STOP"}
    rows = [
        f"{one.symbol} {one.side} {abs(one.quantity):f}: {words.get(one.stop_place, '?')}"
        for one in picture.held
    ]
    rows.append(
        f"{len(picture.live_orders)} orders work" if picture.live_orders else "no order works"
    )
    return Section(title=f"What is open: {len(picture.held)}", rows=tuple(rows))
