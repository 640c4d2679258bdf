"""The one table of what a person can do: bindings, footer, help, palette and the README come of it.

No bare letter changes money state on any screen. What does is danger, and stands behind ^X or a
word typed in full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hfl_tui.keys import shown
from hfl_tui.skins import NAMES as THEMES

DASH: Final = "dash"
TRADES: Final = "trades"
ORDERS: Final = "orders"
RISK: Final = "risk"
LOG: Final = "log"
WHY: Final = "why"
HELP: Final = "help"
EMERGENCY: Final = "emergency"
SCREENS: Final = {DASH: "Dash", TRADES: "Trades", ORDERS: "Orders", RISK: "Risk", LOG: "Log"}
OVERLAYS: Final = (WHY, HELP)
NAMES: Final = SCREENS | {WHY: "Why", HELP: "Help", EMERGENCY: "Emergency"}
EVERYWHERE: Final = (*SCREENS, *OVERLAYS)
MAIN: Final = tuple(SCREENS)
TABLES: Final = (DASH, TRADES, ORDERS, LOG)
LISTS: Final = (TRADES, ORDERS, LOG)
SCROLLED: Final = (*MAIN, *OVERLAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """name: its method is action_<name>, its word in the palette the same with dashes.

    keys: the first one is shown; aliases are silent. footer: its word there, empty for not shown.
    danger: it leads to a change of money state, and asks for more before it does. choices: words of
    which one follows its own in the palette.
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

    @property
    def word(self) -> str:
        """Return what the palette calls it."""
        return self.name.replace("_", "-")


def _a(
    name: str, keys: str, title: str, what: str, *, on: tuple[str, ...] = MAIN, footer: str = "",
    aliases: str = "", danger: bool = False, is_priority: bool = False,
    choices: tuple[str, ...] = (),
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
    )


ACTIONS: Final[tuple[Action, ...]] = (
    _a("show_dash", "1", "Dash", "state and money now", on=EVERYWHERE, footer="Dash"),
    _a("show_trades", "2", "Trades", "trades, and what was not", on=EVERYWHERE, footer="Trades"),
    _a("show_orders", "3", "Orders", "orders, live ones first", on=EVERYWHERE, footer="Orders"),
    _a("show_risk", "4", "Risk", "limits, distances, breakers", on=EVERYWHERE, footer="Risk"),
    _a("show_log", "6", "Log", "every row worth a line", on=EVERYWHERE, footer="Log"),
    _a("why", "w", "Why", "why this was or was not done", on=TABLES, footer="why"),
    _a("open_row", "enter", "Open", "open the selected row", on=TABLES),
    _a("find", "slash", "Find", "show only rows with a text", on=LISTS, footer="find"),
    _a("skips", "v", "Not traded", "what was refused or passed over", on=(TRADES,), footer="skips"),
    _a("follow", "f", "Follow", "keep to the newest row, or stay", on=(LOG,), footer="follow"),
    _a("alerts", "exclamation_mark", "Alerts", "only what needs a look", on=MAIN),
    _a("acknowledge", "a", "Acknowledge", "mark the alerts as seen", on=MAIN),
    _a("check", "r", "Risk check", "run one now, read only", on=(RISK, EMERGENCY), footer="check"),
    _a("row_down", "j down", "Down", "next row", on=SCROLLED),
    _a("row_up", "k up", "Up", "row before", on=SCROLLED),
    _a("page_down", "pagedown", "Page down", "a page on", on=SCROLLED),
    _a("page_up", "pageup", "Page up", "a page back", on=SCROLLED),
    _a("top", "g home", "Top", "first row", on=SCROLLED),
    _a("bottom", "G end", "Bottom", "last row", on=SCROLLED),
    _a("next_part", "tab", "Next part", "next pane or section", on=(DASH, WHY)),
    _a("last_part", "shift+tab", "Part before", "pane or section before", on=(DASH, WHY)),
    _a("older", "h", "Older", "the trade before this one", on=(WHY,), footer="older"),
    _a("newer", "l", "Newer", "the trade after this one", on=(WHY,), footer="newer"),
    _a("zone", "t", "Times", "times of day, or how long ago", on=MAIN),
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
       on=EVERYWHERE),
    _a("resume", "", "Resume", "lift the stops in force: a word and a reason are typed",
       on=EVERYWHERE, danger=True),
    _a("emergency", "ctrl+x", "EMERGENCY", "stop: twice within 2 s pauses the bot at once",
       on=EVERYWHERE, footer="EMERG", danger=True, is_priority=True),
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
