"""Makes text from outside harmless to read and to show: bounded, plain, one line, nothing hidden.

Nothing is ever obeyed: the cleaned text is only searched for words. Text that hides parts of itself
or speaks to a machine is said to be suspect, and its reader sets it aside.
"""

import html
import re
import unicodedata
from typing import Final, NamedTuple

RAW_CHARS_MAX: Final = 4_096
CLEAN_CHARS_MAX: Final = 240
_ROUNDS: Final = 3
_MARKS_MAX: Final = 2
_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_HIDING: Final = re.compile(
    r"<!--|<\s*(?:script|style|template|iframe|svg|object|meta)\b|<[^<>]*\bhidden\b"
    r"|display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0|font-size\s*:\s*0",
    re.IGNORECASE,
)
# Words that headlines do not use, and people who talk to language models do.
_ORDERS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|rules?|prompts?|limits?|above|previous)\b"
    r"|\b(?:system|developer|assistant|user)\s*(?:prompt|message|:)"
    r"|\bas an? (?:ai|language model)\b"
    r"|\byou (?:are|must|should|will) (?:now\b|buy|sell|short|go|set|output|answer|respond|return)"
    r"|\b(?:jailbreak|prompt injection)\b|\[/?inst\]|<\|",
    re.IGNORECASE,
)
# Letters that show nothing: Hangul fillers and the Braille blank.
_BLANKS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")


class CleanText(NamedTuple):
    """A text as it may be read. is_suspect: it hid something, or gave orders."""

    text: str
    is_suspect: bool


def clean(raw: str) -> CleanText:
    """Return the visible words of a text: at most CLEAN_CHARS_MAX characters, on one line."""
    text = raw[:RAW_CHARS_MAX]
    for _ in range(_ROUNDS):
        before = text
        text = _plain(html.unescape(text))[:RAW_CHARS_MAX]
        if text == before:
            break
    is_suspect = _HIDING.search(text) is not None
    text = _TAG.sub(" ", text)
    is_suspect = is_suspect or _ORDERS.search(text) is not None
    text = " ".join(text.translate({ord("<"): " ", ord(">"): " "}).split())
    return CleanText(text[:CLEAN_CHARS_MAX].rstrip(), is_suspect)


def _plain(text: str) -> str:
    """Return compatibility letters as plain ones, without what controls, hides or reorders."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(letter)
        if letter.isspace():
            kept.append(" ")
        elif category[0] == "M":
            marks += 1
            # Variation selectors are marks that show nothing.
            if (
                marks <= _MARKS_MAX
                and not 0xFE00 <= ord(letter) <= 0xFE0F
                and ord(letter) < 0xE0000
            ):
                kept.append(letter)
            continue
        elif category[0] != "C" and letter not in _BLANKS:
            kept.append(letter)
        marks = 0
    return "".join(kept)
