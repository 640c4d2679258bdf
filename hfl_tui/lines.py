"""Lines of styled text, the one thing that panels make and widgets draw.

A line is a tuple of (text, style name); every character is one column wide. Style names stand for
the colours of a theme, and no meaning is carried by a colour alone.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from hfl_tui.formats import clean

Span = tuple[str, str]
Line = tuple[Span, ...]

PLAIN: Final = ""
# What a style name means; a theme (skins.py) says how that looks.
STYLES: Final[dict[str, str]] = {
    PLAIN: "text",
    "bold": "a value that matters",
    "dim": "text that gives way",
    "rule": "a line that parts things; never text",
    "title": "a name of a part",
    "good": "up, or in order",
    "bad": "down, or not in order",
    "warn": "near its limit",
    "key": "a key to press",
    "cursor": "the selected row",
    "alarm": "what must be seen first",
    "caution": "a state that somebody chose",
    "calm": "an answer that all is well",
    "banner": "a sentence of the screen's own",
}
EMPTY: Final[Line] = ()


def line(*parts: str | Span) -> Line:
    """Make a line of texts and (text, style) pairs; empty ones are left out."""
    spans = (part if isinstance(part, tuple) else (part, PLAIN) for part in parts)
    return tuple((clean(text), style) for text, style in spans if text)


def width_of(found: Line) -> int:
    """Return how many columns a line takes."""
    return sum(len(text) for text, _ in found)


def text_of(found: Line) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in found)


def fit(found: Line, width: int) -> Line:
    """Cut or fill a line to exactly a width; equal neighbours become one span."""
    spans: list[Span] = []
    left = width
    for text, style in found:
        if left <= 0:
            break
        _append(spans, text[:left], style)
        left -= len(text)
    if left > 0:
        _append(spans, " " * left, PLAIN)
    return tuple(spans)


def _append(spans: list[Span], text: str, style: str) -> None:
    if spans and spans[-1][1] == style:
        spans[-1] = (spans[-1][0] + text, style)
    elif text:
        spans.append((text, style))


def styled(found: Line, style: str) -> Line:
    """Return a line in one style."""
    return ((text_of(found), style),) if found else EMPTY


def ends(left: Line, right: Line, width: int) -> Line:
    """Put two lines at both ends of a width; the right one gives way when there is no room."""
    room = width - width_of(left)
    if room <= width_of(right):
        return fit(left, width)
    return fit((*left, (" " * (room - width_of(right)), PLAIN), *right), width)


def kept_end(left: Line, right: Line, width: int) -> Line:
    """Put two lines at both ends of a width; the left one gives way when there is no room."""
    room = max(0, width - width_of(right) - 1)
    return fit((*fit(left, room), (" ", PLAIN), *right), width)


def rule(title: str, width: int, *, more: str = "", start: str = "─", style: str = "title") -> Line:
    """Return a pane's title as a ruled line; more: what stands behind it, plainer."""
    parts: list[str | Span] = [(f"{start} ", "rule"), (title, style)]
    if more:
        parts.append(f"  {more}")
    found = line(*parts, " ")
    return fit((*found, ("─" * max(0, width - width_of(found)), "rule")), width)


def wrap(text: str, width: int, *, indent: str = "") -> list[str]:
    """Break a text at spaces into lines of at most a width; later ones begin with the indent."""
    if width < 1:
        return []
    rows: list[str] = []
    rest = clean(text).rstrip()
    while len(rest) > width:
        cut = rest.rfind(" ", len(indent) + 1, width + 1)
        cut = width if cut <= len(rest) - len(rest.lstrip()) else cut
        rows.append(rest[:cut].rstrip())
        rest = indent + rest[cut:].strip()
    rows.append(rest)
    return rows


def pad_block(found: Sequence[Line], height: int) -> list[Line]:
    """Cut or fill a block of lines to a height."""
    return [*found[:height], *([EMPTY] * (height - len(found)))]


def beside(left: Sequence[Line], right: Sequence[Line], left_width: int) -> Iterable[Line]:
    """Yield two blocks side by side, as many lines as the longer one has."""
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else EMPTY
        second = right[number] if number < len(right) else EMPTY
        yield (*fit(first, left_width), *second)
