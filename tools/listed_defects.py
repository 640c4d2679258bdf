"""The defects that market/SOURCES.md lists of its files, read from that very page.

Its last column is prose with semicolons. Each part is a number of something, a defect in words, or
a description that tells of no defect; a part that is none of them is told, never passed over.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

# kind -> what the part looks like; groups: number, and what goes with it
NUMBERS: Final = {
    "jumps": r"(?P<count>\d+) close-to-close jumps >(?P<limit>\d+)%( \((?P<which>.*)\))?",
    "gaps": r"(?P<count>\d+) gaps \((?P<bars>\d+) bars missing, longest (?P<longest>\d+) h\)",
    "long_gaps": r"(?P<count>\d+) gaps >(?P<limit>\d+) days \(longest (?P<longest>\d+) d\)",
    "forex_gaps": r"(?P<count>\d+) non-weekend gaps \(longest (?P<longest>\d+) h\)",
    "zero_volume": r"(?P<count>\d+) zero-volume bars",
    "non_positive": r"(?P<count>\d+) bars with price <=0",
    "duplicates": r"(?P<count>\d+) duplicate ts",
    "missing": r"(?P<count>\d+) rows with missing OHLC",
    "outside": r"(?P<count>\d+) bars with high/low not enclosing open/close",
}
# what the part says -> the codes that find it; the part's day is a place's time or until, or its
# number is a place's value
WORDS: Final = {
    r"last day partial": ("partial_last_bar", ""),
    r"monthly, stamped at month END": ("month_end_stamps", ""),
    r"descending.*": ("newest_first", ""),
    r"first bar has open=low=0": ("non_positive_price", ""),
    r"not sorted": ("order", ""),
    r"source mixes unix seconds and milliseconds.*": ("mixed_time_units", ""),
    r"first bar's open/high impossible \((.*)\)": ("spike", "value"),
    r"exchange-local stamps of bar END.*": ("bar_end_stamps time_zone", ""),
    r"no volume": ("no_volume", ""),
    r"ticker re-used: before (\d{4}-\d\d-\d\d) .*": ("ticker_reuse", "until"),
    r".*series stops (\d{4}-\d\d-\d\d) .*": ("ends_before_others", "time"),
    r"MetaTrader export, broker server time.*": ("time_zone", ""),
    r"(\d{4}-\d\d-\d\d) close is the erroneous print.*": ("spike", "time"),
    r"(\d{4}-\d\d-\d\d) class split": ("split_unadjusted", "time"),
    r"\d+-day hole .*": ("hole ticker_reuse", ""),
    r"\d+ separate days only, incl\. pre/post market": ("hole extended_hours", ""),
}
DESCRIPTIONS: Final = (
    "FTX perpetual|volume in USD|Binance spot|Bitstamp|anonymised real pair .*|none found|"
    "OANDA mid of bid/ask|mid of bid/ask|bid_close, ask_close kept|Stock.Indicators test quotes .*|"
    "raw .unadjusted. prices, ticker as listed.*|regular session, hour bars from .*|"
    "split-adjusted.*|adj_close also dividend-adjusted|DJIA member of 2018.*"
)
CLEAN: Final = "none found"


class Part(NamedTuple):
    """One part of the prose.

    kind: of `NUMBERS`, or `words`, or `unknown`; named: a day or number in words, and at which end
    of a place it must stand.
    """

    text: str
    kind: str
    number: int = 0
    bars: int = 0
    longest: int = 0
    limit: int = 0
    codes: tuple[str, ...] = ()
    named: str = ""
    end: str = ""


class Listed(NamedTuple):
    """One file of the list."""

    name: str
    rows: int
    is_clean: bool
    parts: tuple[Part, ...]


def read_list(path: Path) -> list[Listed]:
    """Return every file of the page. Raises ValueError when the page has no such table."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().removeprefix("|").split(" | ")]
        if len(cells) != 7 or not cells[0].endswith(".parquet"):
            continue
        prose = cells[6].removesuffix("|").strip()
        texts = [text.strip() for text in prose.split(";")]
        parts = [_part(text) for text in texts if not re.fullmatch(DESCRIPTIONS, text)]
        found.append(Listed(cells[0], int(cells[1]), CLEAN in texts, tuple(parts)))
    if not found:
        raise ValueError(f"expected a table of files in {path}, found none: name another page")
    return found


def _part(text: str) -> Part:
    for kind, pattern in NUMBERS.items():
        if match := re.fullmatch(pattern, text):
            groups = match.groupdict()
            count, bars, longest, limit = (
                int(groups.get(name) or 0) for name in ("count", "bars", "longest", "limit")
            )
            return Part(text, kind, count, bars=bars, longest=longest, limit=limit)
    for pattern, (codes, end) in WORDS.items():
        if match := re.fullmatch(pattern, text):
            named = match.group(1) if match.groups() else ""
            return Part(text, "words", codes=tuple(codes.split()), named=named, end=end)
    return Part(text, "unknown")
