"""Long lines on a terminal: broken at spaces, the rest under the text and not under the label."""

import re
import sys
from typing import Final

BETWEEN_PAIRS: Final = re.compile(r"(?<=\S)  (?=\S)")
INSIDE_PAIR: Final = re.compile(r"(?<=\S) (?=\S)")
# So many double spaces make a list; labels have few.
GAPS_MIN: Final = 4
TIED: Final = "\x00"


def fitted(text: str, *, hang: int, width: int | None = None) -> str:
    """Break what is wider than the terminal; leave text alone where nobody looks at a terminal.

    hang: columns in front of what goes on below; width: columns, the terminal's unless given.
    """
    if width is None:
        if not sys.stdout.isatty():
            return text
        import shutil  # 5 ms, for a terminal only

        width = shutil.get_terminal_size().columns
    import textwrap

    lines = []
    for line in text.split("\n"):
        if len(line) <= width:
            lines.append(line)
            continue
        lead = len(line) - len(line.lstrip())
        told = line.lstrip()
        # In a list of "name value  name value" a name stays with its value.
        if len(BETWEEN_PAIRS.findall(told)) >= GAPS_MIN:
            told = INSIDE_PAIR.sub(TIED, told)
        broken = textwrap.wrap(
            told,
            max(width, hang + 20),
            initial_indent=line[:lead],
            subsequent_indent=" " * hang,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
        lines += [part.replace(TIED, " ") for part in broken]
    return "\n".join(lines)
