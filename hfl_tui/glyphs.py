"""Block and box characters, and what stands for them in a terminal of seven bits."""

from functools import lru_cache
from typing import Final

# What the screen draws with, and its plain stand-in.
PLAIN: Final = {
    "█": "#", "▓": "#", "▒": ":", "░": ".", "▀": "#", "▄": "#", "▌": "#", "▐": "#",
    "▏": "|", "▎": "|", "▍": "|", "▋": "#", "▊": "#", "▉": "#", "▁": "_", "▂": "_", "▃": "_",
    "▅": "#", "▆": "#", "▇": "#",
    "─": "-", "━": "=", "│": "|", "┃": "#", "╷": "|", "╵": "|", "╽": "#", "╿": "#", "╻": "#",
    "┊": ":", "┿": "+", "╹": "#",
    "┼": "+", "┬": "+", "┴": "+", "├": "+", "┤": "+", "┌": "+", "┐": "+", "└": "+",
    "┘": "+", "┏": "+", "┓": "+", "┗": "+", "┛": "+", "┣": "+", "┫": "+", "╭": "+", "╮": "+",
    "╰": "+", "╯": "+", "═": "=", "║": "|", "□": "o", "■": "#", "▪": "#", "▫": "o", "·": ".",
    "•": "*", "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "▶": ">", "◀": "<",
    "…": "~", "±": "+", "≤": "<", "≥": ">",
}  # fmt: skip
_TABLE: Final = str.maketrans(PLAIN)


@lru_cache(maxsize=4_096)
def plain(text: str) -> str:
    """Return a text of printable seven-bit characters, as long as it was."""
    found = text.translate(_TABLE)
    if found.isascii():
        return found
    return "".join(one if one.isascii() else "?" for one in found)
