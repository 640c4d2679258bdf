"""What every action of the table does on every screen it is offered on, as something to be seen.

A deed is given the key (or the typed word) as `do`, and asserts what came of it. Each begins on its
screen with a real journal of a finished run, and may leave the screen wherever it likes.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from hfl_tui.actions import (
    ACTIONS,
    DASH,
    HELP,
    LOG,
    NAMES,
    ORDERS,
    REPLAY,
    RISK,
    WHY,
    actions_of,
)
from hfl_tui.link.picture import Happening
from tests.tui.kit import face, press, text, until
from tests.tui.pictures import stopped

Do = Callable[[], Awaitable[None]]
DEEDS: dict[str, Callable[..., Awaitable[None]]] = {}


def deed(*names: str) -> Callable[[Any], Any]:
    """Say which actions a function proves; it is called with (pilot, viewer, screen, do)."""

    def note(function: Any) -> Any:
        for name in names:
            assert name not in DEEDS, name
            DEEDS[name] = function
        return function

    return note


def place_of(viewer: Any) -> tuple[str, int]:
    """Return what the cursor is on, or how far the text is scrolled."""
    screen = viewer.screen
    if hasattr(screen, "told") and not hasattr(screen, "table"):
        return "", screen.told._top
    table = screen.activity if screen.KIND == DASH else screen.table
    return table.selected, table._at


# --- screens --------------------------------------------------------------------------------------


def _goes_to(kind: str) -> Callable[..., Awaitable[None]]:
    async def goes(pilot, viewer, screen, do):
        await do()
        await until(pilot, lambda: face(viewer) == kind)
        shown = "NOT LIVE" if kind == REPLAY else f" {NAMES[kind]}"
        await until(pilot, lambda: shown in text(viewer))
        assert viewer.kind == kind

    return goes


for each in ACTIONS:
    if each.name.startswith("show_"):
        deed(each.name)(_goes_to(each.name.removeprefix("show_")))


@deed("back", "leave")
async def leaves(pilot, viewer, screen, do):
    is_out = screen == DASH and do.action == "leave"
    await do()
    await until(pilot, lambda: viewer._exit if is_out else face(viewer) == DASH)
    assert viewer._exit is is_out
    if screen == DASH and not is_out:
        assert "q leaves the viewer" in text(viewer)


@deed("help")
async def helps(pilot, viewer, screen, do):
    await do()
    await until(pilot, lambda: face(viewer) == HELP)
    await until(pilot, lambda: viewer.screen.table.rows)
    assert [row.key for row in viewer.screen.table.rows] == [
        action.name for action in actions_of(screen)
    ]


@deed("palette")
async def types(pilot, viewer, screen, do):
    await do()
    assert face(viewer) == "Palette"
    await press(pilot, *"orders", "enter")
    await until(pilot, lambda: face(viewer) == ORDERS)


@deed("hint")
async def hints(pilot, viewer, screen, do):
    await do()
    await until(pilot, lambda: "q leaves the viewer" in text(viewer).splitlines()[1])
    assert not viewer._exit


@deed("redraw")
async def redraws(pilot, viewer, screen, do):
    pane = viewer.screen.footer
    drawn: list[int] = []
    real = pane.render_line

    def noted(y):
        drawn.append(y)
        return real(y)

    await pilot.pause()
    pane.render_line = noted
    try:
        await do()
        await until(pilot, lambda: drawn, what="the footer, too, which has not changed")
    finally:
        del pane.render_line


# --- what is told ---------------------------------------------------------------------------------


async def with_row(pilot, viewer, screen):
    """Have the cursor on a row that has a reason."""
    if screen == DASH:
        if not viewer.screen.activity.is_active:
            await press(pilot, "tab")
        asks = {str(one.seq) for one in viewer.picture.happenings if one.ask}
        rows = [row.key for row in viewer.screen.activity.rows if row.key in asks]
        viewer.screen.activity.select(rows[0])
    elif screen != HELP:
        await until(pilot, lambda: viewer.screen.table.rows)
        if screen == LOG:
            asks = {str(one.seq) for one in viewer.picture.happenings if one.ask}
            rows = [row.key for row in viewer.screen.table.rows if row.key in asks]
            viewer.screen.is_following = False
            viewer.screen.table.select(rows[0])


@deed("why", "open_row")
async def tells_why(pilot, viewer, screen, do):
    await with_row(pilot, viewer, screen)
    if screen == HELP:
        viewer.screen.table.select("show_risk")
        await do()
        await until(pilot, lambda: face(viewer) == RISK)
        return
    asked = viewer.screen.ask()
    assert asked
    expected = viewer.outfit.teller.tell(asked)
    await do()
    await until(pilot, lambda: face(viewer) == WHY and viewer.screen.told.told)
    assert viewer.screen.told.told == expected
    assert expected.headline.split()[0] in text(viewer)


@deed("why_halt")
async def tells_the_halt(pilot, viewer, screen, do):
    viewer.take(stopped(viewer.picture, "pause-1", level="reduce_only"))
    await do()
    await until(pilot, lambda: face(viewer) == WHY and viewer.screen.told.told)
    assert "cause      typed" in text(viewer)
    assert "What is open" in "".join(part.title for part in viewer.screen.told.told.sections)


@deed("older", "newer")
async def goes_to_neighbours(pilot, viewer, screen, do):
    await until(pilot, lambda: viewer.screen.told.told)
    numbers = [t.number for t in viewer.outfit.teller.trades(0).trades]
    viewer.screen.tell(str(numbers[1]))
    await until(pilot, lambda: viewer.screen.told.told)
    told = viewer.screen.told.told
    await do()
    await until(pilot, lambda: viewer.screen.told.told not in {None, told})
    gone = int(viewer.screen.told.told.headline.split()[0].removeprefix("T-"))
    assert abs(gone - numbers[1]) == 1


@deed("next_part", "last_part")
async def goes_to_parts(pilot, viewer, screen, do):
    if screen == DASH:
        was = viewer.screen.activity.is_active
        await do()
        assert viewer.screen.activity.is_active is not was
        return
    await until(pilot, lambda: viewer.screen.told.told)
    starts = viewer.screen.told._starts()
    await do()
    await until(pilot, lambda: viewer.screen.told._top > 0)
    top = viewer.screen.told._top
    last = len(viewer.screen.told._rows()) - viewer.screen.told.size.height
    assert top in starts or top == last


# --- lists ----------------------------------------------------------------------------------------


@deed("skips")
async def shows_skips(pilot, viewer, screen, do):
    await until(pilot, lambda: viewer.screen.table.rows)
    trades = {row.key for row in viewer.screen.table.rows}
    await do()
    skips = {row.key for row in viewer.screen.table.rows}
    assert skips == viewer.screen._skips.keys()
    await do()
    assert {row.key for row in viewer.screen.table.rows} == trades


@deed("follow")
async def follows(pilot, viewer, screen, do):
    await until(pilot, lambda: viewer.screen.table.rows)
    await press(pilot, "j", "j")
    assert place_of(viewer)[1] == 2
    assert "stays" in text(viewer)
    await do()
    assert place_of(viewer)[1] == 0
    assert "follows" in text(viewer)


@deed("alerts")
async def shows_alerts(pilot, viewer, screen, do):
    await do()
    await until(pilot, lambda: face(viewer) == LOG and "only alerts" in text(viewer))
    wanted = {str(one.seq) for one in viewer.picture.happenings if one.is_alert}
    shown = {row.key for row in viewer.screen.table.rows}
    assert wanted
    assert wanted <= shown
    assert all(row.mark == "!" for row in viewer.screen.table.rows)
    await press(pilot, "!")


@deed("acknowledge")
async def acknowledges(pilot, viewer, screen, do):
    def alert() -> Happening:
        seq = viewer.picture.seq + 1
        return Happening(
            seq=seq, time_ns=viewer.now_ns, wall_ns=viewer.now_ns, label="UNKNOWN", text="look",
            is_alert=True,
        )  # fmt: skip

    import dataclasses

    one = alert()
    happenings = (*viewer.picture.happenings, one)
    viewer.take(dataclasses.replace(viewer.picture, happenings=happenings, seq=one.seq))
    await until(pilot, lambda: "alerts 1 new" in text(viewer).splitlines()[1])
    await do()
    await until(pilot, lambda: "alerts none" in text(viewer).splitlines()[1])
    await until(pilot, lambda: viewer.outfit.memory.seen() == one.seq)


@deed("row_down", "row_up", "page_down", "page_up", "top", "bottom")
async def moves(pilot, viewer, screen, do):
    await ready_to_move(pilot, viewer, screen)
    name = do.action
    away = {"row_up": "G", "page_up": "G", "top": "G"}.get(name, "g")
    if screen == LOG and away == "G":
        # The end of the log is further back than one look.
        await press(pilot, *["pagedown"] * 2)
    else:
        await press(pilot, away)
    before = place_of(viewer)[1]
    await do()
    after = place_of(viewer)[1]
    step = after - before
    assert {
        "row_down": step == 1, "row_up": step == -1, "page_down": step > 1, "page_up": step < -1,
        "top": after == 0 < before, "bottom": step > 1,
    }[name], (name, screen, before, after)  # fmt: skip


async def ready_to_move(pilot, viewer, screen):
    if screen in {RISK, WHY}:
        await until(pilot, lambda: viewer.screen.told.told)
        await until(
            pilot, lambda: len(viewer.screen.told._rows()) > viewer.screen.told.size.height + 2
        )
    elif screen == DASH:
        if not viewer.screen.activity.is_active:
            await press(pilot, "tab")
    else:
        await until(pilot, lambda: len(viewer.screen.table.rows) > 2)


@deed("zone")
async def changes_times(pilot, viewer, screen, do):
    was, shown = viewer.is_relative, text(viewer)
    await do()
    assert viewer.is_relative is not was
    if screen in {DASH, LOG}:
        assert text(viewer) != shown
    await do()
    assert viewer.is_relative is was


# --- danger ---------------------------------------------------------------------------------------


@deed("check")
async def checks(pilot, viewer, screen, do):
    await do()
    await until(pilot, lambda: face(viewer) == RISK and viewer.screen.told.told)
    await until(pilot, lambda: viewer.screen.told.told.sections[0].title.startswith("Risk check"))
    assert viewer.outfit.stopper.verbs == []


@deed("emergency")
async def opens_the_panel(pilot, viewer, screen, do):
    await do()
    assert face(viewer) == "Panel"
    assert "┏━ EMERGENCY" in text(viewer)
    assert viewer.outfit.stopper.verbs == []


@deed("pause")
async def pauses(pilot, viewer, screen, do):
    await do()
    await until(pilot, lambda: viewer.outfit.stopper.latched == ["pause"])
    await until(pilot, lambda: "orders accepted since latch: 0" in text(viewer))


@deed("close_all", "kill")
async def asks_before(pilot, viewer, screen, do):
    stopper = viewer.outfit.stopper
    await do()
    assert face(viewer) == "TypedStop"
    assert stopper.verbs == []
    await press(pilot, "enter", "y", "enter")
    assert stopper.verbs == []
    word = "KILL" if do.action == "kill" else str(len(viewer.picture.held))
    await press(pilot, *word, "enter")
    await until(pilot, lambda: stopper.latched == [do.action])


@deed("resume")
async def asks_to_resume(pilot, viewer, screen, do):
    viewer.take(stopped(viewer.picture, "pause-1", level="reduce_only"))
    await do()
    await until(pilot, lambda: face(viewer) == "Resume")
    await press(pilot, *"RESUME", "enter")
    assert viewer.outfit.stopper.lifted == []
    await press(pilot, *"RESUME", "space", *"fine", "enter")
    await until(pilot, lambda: viewer.outfit.stopper.lifted == [(("pause-1",), "fine")])


@deed("replay_here")
async def goes_into_the_past(pilot, viewer, screen, do):
    if screen == WHY:
        await until(pilot, lambda: viewer.screen.told.told)
    else:
        await with_row(pilot, viewer, screen)
    await do()
    await until(pilot, lambda: face(viewer) == REPLAY and "NOT LIVE" in text(viewer))
