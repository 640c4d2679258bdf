"""The one table of what a person can do: bindings, footer, help, palette and the README come of it.

No bare letter changes money state on any screen. What does is danger, and stands behind ^X or a
word typed in full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hfl_tui.exports import FORMATS
from hfl_tui.keys import shown
from hfl_tui.skins import NAMES as THEMES

DASH: Final = "dash"
TRADES: Final = "trades"
ORDERS: Final = "orders"
RISK: Final = "risk"
REPLAY: Final = "replay"
LOG: Final = "log"
WHY: Final = "why"
HELP: Final = "help"
EMERGENCY: Final = "emergency"
SCREENS: Final = {
    DASH: "Dash", TRADES: "Trades", ORDERS: "Orders", RISK: "Risk", REPLAY: "Replay", LOG: "Log",
}  # fmt: skip
OVERLAYS: Final = (WHY, HELP)
NAMES: Final = SCREENS | {WHY: "Why", HELP: "Help", EMERGENCY: "Emergency"}
EVERYWHERE: Final = (*SCREENS, *OVERLAYS)
MAIN: Final = tuple(SCREENS)
# Those that show now: what is about now has no place in the past.
LIVE: Final = tuple(kind for kind in MAIN if kind != REPLAY)
TABLES: Final = (DASH, TRADES, ORDERS, LOG)
PANED: Final = (DASH, RISK)
SORTED: Final = (DASH, TRADES, ORDERS, RISK)
SEARCHED: Final = (*LIVE, WHY)
SCROLLED: Final = (*MAIN, *OVERLAYS)
ENDS: Final = (*LIVE, *OVERLAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """name: its method is action_<name>, its word in the palette the same with dashes.

    keys: the first one is shown; aliases are silent. footer: its word there, empty for not shown.
    danger: it leads to a change of money state, and asks for more before it does. choices: words of
    which one follows its own in the palette. pair: its counterpart, whose key stands in
    front of its own in the footer.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    what: str
    screens: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    footer: str = ""
    danger: bool = False
    is_priority: bool = False
    choices: tuple[str, ...] = ()
    pair: str = ""

    @property
    def word(self) -> str:
        """Return what the palette calls it."""
        return self.name.replace("_", "-")


def _a(
    name: str, keys: str, title: str, what: str, *, on: tuple[str, ...] = MAIN, footer: str = "",
    aliases: str = "", danger: bool = False, is_priority: bool = False,
    choices: tuple[str, ...] = (), pair: str = "",
) -> Action:  # fmt: skip
    return Action(
        name=name,
        keys=tuple(keys.split()),
        title=title,
        what=what,
        screens=on,
        aliases=tuple(aliases.split()),
        footer=footer,
        danger=danger,
        is_priority=is_priority,
        choices=choices,
        pair=pair,
    )


ACTIONS: Final[tuple[Action, ...]] = (
    _a("emergency", "ctrl+x", "EMERGENCY", "stop: twice within 2 s pauses the bot at once",
       on=EVERYWHERE, footer="EMERG", danger=True, is_priority=True),
    _a("show_dash", "1", "Dash", "state and money now", on=EVERYWHERE, footer="Dash"),
    _a("show_trades", "2", "Trades", "trades, and what was not", on=EVERYWHERE, footer="Trades"),
    _a("show_orders", "3", "Orders", "orders, live ones first", on=EVERYWHERE, footer="Orders"),
    _a("show_risk", "4", "Risk", "limits, distances, breakers", on=EVERYWHERE, footer="Risk"),
    _a("show_replay", "5", "Replay", "the past, step by step", on=EVERYWHERE, footer="Replay"),
    _a("show_log", "6", "Log", "every row worth a line", on=EVERYWHERE, footer="Log"),
    _a("step_back", "left_square_bracket left", "Step back", "the row before", on=(REPLAY,)),
    _a("step_on", "right_square_bracket right", "Step", "the next row", on=(REPLAY,), footer="step",
       pair="step_back"),
    _a("event_back", "left_curly_bracket", "Event back", "the last one worth a look",
       on=(REPLAY,)),
    _a("event_on", "right_curly_bracket", "Event", "the next one worth a look", on=(REPLAY,),
       footer="event", pair="event_back"),
    _a("play", "space", "Play", "let time run, or stand still", on=(REPLAY,), footer="play"),
    _a("slower", "less_than_sign", "Slower", "fewer rows a second", on=(REPLAY,)),
    _a("faster", "greater_than_sign", "Faster", "more rows a second", on=(REPLAY,),
       footer="speed", pair="slower"),
    _a("go_to", "g", "Go to", "a time, a row or a trade, typed", on=(REPLAY,), footer="go to"),
    _a("reveal", "u", "Reveal", "show what came later, or hide it again", on=(REPLAY,),
       footer="reveal"),
    _a("go_live", "L", "Live", "leave the past for the dashboard", on=(REPLAY,), footer="live"),
    _a("why", "w", "Why", "why this was or was not done", on=(*TABLES, REPLAY), footer="why"),
    _a("replay_here", "R", "Replay here", "look at the moment of this row", on=(*TABLES, WHY),
       footer="replay"),
    _a("difference", "x", "Difference", "what today's code would do otherwise", on=(REPLAY,),
       footer="diff"),
    _a("whatif", "i", "What if", "other settings, typed, over the recorded inputs", on=(REPLAY,),
       footer="what if"),
    _a("cycle", "c", "Symbol", "the next instrument's chart", on=(DASH, REPLAY), footer="sym"),
    _a("first_row", "home", "First row", "where the journal begins", on=(REPLAY,)),
    _a("last_row", "end", "Newest row", "where it ends by now", on=(REPLAY,)),
    _a("open_row", "enter", "Open", "open the selected row", on=(*TABLES, REPLAY)),
    _a("find", "slash", "Find", "rows with a text; elsewhere go to it", on=SEARCHED,
       footer="find"),
    _a("find_next", "n", "Next", "next row with that text", on=SEARCHED),
    _a("find_last", "N", "Last", "row before with that text", on=SEARCHED),
    _a("sort", "s", "Sort", "by the next column", on=SORTED),
    _a("sort_round", "S", "Turn round", "the order of the sorted column", on=SORTED),
    _a("copy", "y", "Copy", "the row's name; again for all of it", on=SEARCHED, footer="copy"),
    _a("export", "e", "Export", "a table or the screen into a file", on=SEARCHED, footer="export",
       choices=FORMATS),
    _a("zoom", "z", "Zoom", "the pane alone, or all again", on=PANED),
    _a("jump", "semicolon", "Jump", "a letter on every pane, to go there", on=PANED),
    _a("skips", "v", "Not traded", "what was refused or passed over", on=(TRADES,), footer="skips"),
    _a("follow", "f", "Follow", "keep to the newest row, or stay", on=(LOG,), footer="follow"),
    _a("alerts", "exclamation_mark", "Alerts", "only what needs a look", on=LIVE),
    _a("acknowledge", "a", "Acknowledge", "mark the alerts as seen", on=LIVE),
    _a("check", "r", "Risk check", "run one now, read only", on=(RISK, EMERGENCY), footer="check"),
    _a("row_down", "j down", "Down", "next row", on=SCROLLED),
    _a("row_up", "k up", "Up", "row before", on=SCROLLED),
    _a("page_down", "pagedown", "Page down", "a page on", on=SCROLLED),
    _a("page_up", "pageup", "Page up", "a page back", on=SCROLLED),
    _a("top", "g home", "Top", "first row", on=ENDS),
    _a("bottom", "G end", "Bottom", "last row", on=ENDS),
    _a("next_part", "tab", "Next part", "next pane or section", on=(*PANED, WHY)),
    _a("last_part", "shift+tab", "Part before", "pane or section before", on=(*PANED, WHY)),
    _a("older", "h", "Older", "the trade before this one", on=(WHY,), footer="older"),
    _a("newer", "l", "Newer", "the trade after this one", on=(WHY,), footer="newer"),
    _a("zone", "t", "Times", "times of day, or how long ago", on=LIVE),
    _a("palette", "colon", "Command", "type what to do", on=EVERYWHERE, aliases="ctrl+p",
       footer="cmd"),
    _a("help", "question_mark", "Help", "what the keys do here; enter does it", on=(*MAIN, WHY),
       footer="help"),
    _a("theme", "", "Theme", "other colours, kept for the next time", on=EVERYWHERE,
       choices=THEMES),
    _a("notes", "", "Notes", "what of screen.toml is not used", on=EVERYWHERE),
    _a("redraw", "ctrl+l", "Redraw", "draw the whole screen again", on=EVERYWHERE),
    _a("back", "escape", "Back", "leave an overlay or a screen for what is below it",
       on=(*EVERYWHERE, EMERGENCY)),
    _a("leave", "q", "Leave", "back, and from the dashboard out; the bot goes on",
       on=(*EVERYWHERE, EMERGENCY)),
    _a("hint", "ctrl+c", "Hint", "says how to leave and how to stop", on=EVERYWHERE),
    _a("why_halt", "", "Why halted", "cause, value and limit, who, what is open, how to go on",
       on=ENDS),
    _a("resume", "", "Resume", "lift the stops in force: a word and a reason are typed",
       on=ENDS, danger=True),
    _a("pause", "p", "PAUSE", "no new risk; exits and stops go on", on=(EMERGENCY,), danger=True),
    _a("close_all", "f", "CLOSE ALL", "cancel entries, close every position, stay paused",
       on=(EMERGENCY,), danger=True),
    _a("kill", "k", "KILL", "end the engine; positions and their stops stay", on=(EMERGENCY,),
       danger=True),
)  # fmt: skip
BY_NAME: Final = {action.name: action for action in ACTIONS}


def typed(action: Action) -> str:
    """Return how an action is typed in the palette."""
    return f":{action.word}" + (" NAME" if action.choices else "")


def actions_of(screen: str) -> Iterator[Action]:
    """Yield what can be done on a screen, in the table's order."""
    return (action for action in ACTIONS if screen in action.screens)


def bindings_of(screen: str) -> Iterator[tuple[str, Action]]:
    """Yield (key, action) of a screen, aliases among them."""
    for action in actions_of(screen):
        for key in (*action.keys, *action.aliases):
            yield key, action


def keymap_table() -> str:
    """Return the table of keys for the README, in Markdown."""
    lines = ["| key | what | where |", "|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{shown(key)}`" for key in action.keys) or f"`{typed(action)}`"
        where = ", ".join(NAMES[screen] for screen in action.screens)
        place = "everywhere" if set(action.screens) >= set(MAIN) else where
        lines.append(f"| {keys} | {action.title}: {action.what} | {place} |")
    return "\n".join(lines) + "\n"
