"""Checks every file of market/ and holds what is found against the list of known defects there.

    python tools/data_quality.py [ROOT]

ROOT holds market/SOURCES.md (HFL_TRUTH_ROOT, else ../shared). Every number of the list is compared
with the number found; where the list counts otherwise (in the file's own order, or calendar rests
as gaps) its way of counting is repeated here, must give its number, and each single item must be
told by a finding. Then the alarms that the list does not know: those looked up by hand are named
with the reason, all others are false. Exit code 1 when a defect is not found.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.finding import Finding, Place, Severity
from hfl_data.inspection.inspect import Report
from hfl_data.inspection.several import Refused, inspect_all
from hfl_data.inspection.subject import Asked
from tools.listed_defects import Listed, Part, read_list

DAY_NS: Final = 86_400 * 10**9
# The class of files whose folder names none.
CLASSES: Final = {
    "BTC-USD-gemini_1h": AssetClass.CRYPTO,
    "BTC-USDT-cdd_1h": AssetClass.CRYPTO,
    "UNITTEST-BTC_1m": AssetClass.CRYPTO,
    "EUROSTOXX50_5m": AssetClass.INDICES,
}
# A move or a rest of the list is told when one of these codes names its bar.
MOVES: Final = ("jump", "spike", "split_listed", "split_unadjusted", "ticker_reuse", "price_units")
RESTS: Final = ("gap", "hole", "closure")
BROKEN: Final = ("non_positive_price", "missing_price", "unreadable_time", "duplicate_conflict")
COUNTED: Final = {
    "zero_volume": ("zero_volume",),
    "non_positive": ("non_positive_price",),
    "missing": ("missing_price",),
    "outside": ("outside_range", "high_below_low"),
    "duplicates": ("duplicate_equal", "duplicate_conflict"),
}
# Which alarms a part of the list speaks of, beside those that it counts.
SPOKEN_OF: Final = {
    "gaps": ("gap", "hole"),
    "long_gaps": ("gap", "hole"),
    "forex_gaps": ("gap", "hole"),
    **COUNTED,
}
# (file, code) -> how many alarms that the list does not know are right, looked up by hand, and why.
LOOKED_UP: Final = {
    ("AAPL_1d", "wick"): (3, "lows of 10.59, 25.30 and 32.65 in a stock at 184 to 330: misprints"),
    ("AAPL_1h", "wick"): (3, "the same misprints"),
    ("AAPL_1h", "gap"): (1, "22 August 2013: Nasdaq stood still for three hours"),
    ("BAC_1d", "wick"): (1, "low of 40.00 at 63: a misprint"),
    ("BA_1d", "spike"): (1, "open of 200 beside a high of 90.36"),
    ("CSCO_1d", "wick"): (1, "low of 11.78 at 24: a misprint"),
    ("CSCO_1d", "gap"): (1, "1 April 2010 is missing; thirteen sister files have it"),
    ("INTC_1d", "gap"): (1, "1 April 2010 is missing; thirteen sister files have it"),
    ("GOOG_1d", "wick"): (1, "low of 67.50 at 673: a digit lost"),
    ("IBM_1d", "spike"): (1, "open of 159.58, twice the price before and behind"),
    ("SPY_1d", "spike"): (1, "open of 111.00 between 131.45 and 132.38"),
    ("SPY_1h", "spike"): (1, "the same misprint as in the daily file"),
    ("ETH-USDT_1d", "wick"): (1, "the misprint of the hourly file: 144.21 at 300"),
    ("ETH-USDT_1h", "spike"): (1, "open of 144.21 between 280 and 287"),
    ("BTC-USD_1d", "stale"): (1, "6 to 11 January 2015: Bitstamp was closed after a theft"),
    ("BTC-USD-gemini_1h", "stale"): (25, "hours without volume: a feed that repeats its price"),
    ("BTC-USD-gemini_1h", "jump"): (
        1,
        "13 March 2020 rose by 20.1 %; backwards, as the file runs, 17 %",
    ),
    ("BTC-USD-gemini_1h", "wick"): (1, "high of 2200 at 337: a misprint"),
    ("BTC-USDT-cdd_1h", "stale"): (
        9,
        "hours without volume, which the other Binance file leaves out",
    ),
    ("BTC-USDT-cdd_1h", "spike"): (1, "open of 14400; the other Binance file has 15873.50"),
    ("FB_1d", "gap"): (72, "single sessions; the list counts gaps of more than five days"),
    ("bad_1d", "unreadable_time"): (50, "rows without a time; the list counts them as duplicates"),
    ("bad_1d", "stale"): (1, "50 rows of one price, made so"),
    ("bad_1d", "missing_volume"): (1, "volume of -64874192"),
    ("mismatch_1d", "gap"): (1, "the session whose row was moved to 2016"),
    ("mismatch_1d", "out_of_session"): (1, "the moved row stands on a holiday"),
    ("intraday_1m", "time_zone"): (1, "09:30 to 16:00 is New York's session on New York's clock"),
    ("VIX_1d", "gap"): (4, "sessions of 1991 and 1997 are missing"),
    ("VIX_1d", "out_of_session"): (1, "11 June 2004, a day of mourning, has a row"),
    ("VIX_1d", "spike"): (3, "opens of 36.55, 2.58 and 41.60 at 13 to 15: misprints"),
    ("VIX_1d", "wick"): (4, "highs of 20 to 37 at 10 to 15: misprints"),
}


class Answer(NamedTuple):
    """What became of one part of the list. is_found: False is a miss; how: in words."""

    part: Part
    is_found: bool
    how: str


class Alarms(NamedTuple):
    """Places of warnings and errors of one file: in the list, looked up, and neither."""

    listed: int
    looked_up: tuple[str, ...]
    looked_up_places: int
    false: tuple[str, ...]
    false_places: int


def answers(listed: Listed, report: Report) -> Iterator[Answer]:
    """Yield an answer to every part of what is listed of a file."""
    found = {finding.code.name: finding for finding in report.findings}
    for part in listed.parts:
        if part.kind == "words":
            yield _words(part, found)
        elif part.kind in COUNTED:
            yield _counted(part, found)
        elif part.kind == "gaps":
            yield _gaps(part, found)
        elif part.kind == "jumps":
            yield _jumps(part, report, found)
        elif part.kind in {"long_gaps", "forex_gaps"}:
            yield _rests(part, report, found)
        else:
            yield Answer(part, is_found=False, how="nobody knows what this part says")


def _words(part: Part, found: dict[str, Finding]) -> Answer:
    codes = part.codes
    if codes == ("order",):
        codes = tuple(c for c in ("disorder", "newest_first", "unreadable_time") if c in found)[:1]
    missing = [code for code in codes or ("disorder",) if code not in found]
    if missing:
        return Answer(part, is_found=False, how=f"no {', '.join(missing)}")
    if part.named and not any(_is_named(p, part) for p in found[codes[0]].places):
        return Answer(part, is_found=False, how=f"{codes[0]}, but not there")
    how = " and ".join(f"{code} ({found[code].count})" for code in codes)
    if codes == ("unreadable_time",):
        how += ": the rows without a time are what is not sorted"
    return Answer(part, is_found=True, how=how)


def _counted(part: Part, found: dict[str, Finding]) -> Answer:
    codes = [code for code in COUNTED[part.kind] if code in found]
    number = sum(found[code].count for code in codes)
    how = f"{number} ({', '.join(codes) or 'nothing'})"
    if number == part.number:
        return Answer(part, is_found=True, how=how)
    if part.kind == "zero_volume" and "no_volume" in found:
        number = found["no_volume"].bars
        return Answer(part, number == part.number, f"{number} (no_volume: told once for the file)")
    if part.kind == "duplicates" and "unreadable_time" in found:
        number = found["unreadable_time"].count
        how = f"{number} rows without a time: {number - 1} equal their forerunner (unreadable_time)"
        return Answer(part, number - 1 == part.number, how)
    return Answer(part, is_found=False, how=how)


def _gaps(part: Part, found: dict[str, Finding]) -> Answer:
    places = [p for code in ("gap", "hole") if code in found for p in found[code].places]
    longest = max((_length_ns(p) for p in places), default=0) // 3600 // 10**9
    numbers = (len(places), sum(p.bars for p in places))
    how = f"{numbers[0]} ({numbers[1]} bars, longest {longest} h from bar to bar)"
    # The list names whole hours, below one hour 0, and counts from bar to bar or what is missing.
    return Answer(part, numbers == (part.number, part.bars) and longest == part.longest, how)


def _jumps(part: Part, report: Report, found: dict[str, Finding]) -> Answer:
    """Count as the list does, in the file's own order; then look for each of its moves."""
    moves = _moves_as_found(report.path, part.limit / 100)
    if len(moves) != part.number:
        return Answer(part, is_found=False, how=f"counted as the list does: {len(moves)}")
    told = {p.row for code in MOVES if code in found for p in found[code].places}
    ends = {p.until_ns for code in ("spike",) if code in found for p in found[code].places}
    broken = {p.row for code in BROKEN if code in found for p in found[code].places}
    by_code: Counter[str] = Counter()
    for row, before, time_ns, change in moves:
        if row in told or time_ns in ends:
            by_code["told"] += 1
        elif {row, before} & (broken | told):
            by_code["beside a bar told as broken or moved"] += 1
        elif "newest_first" in found and abs(1 / (1 + change) - 1) <= part.limit / 100:
            by_code[f"below {part.limit} % in the order of time"] += 1
        else:
            by_code["MISSED"] += 1
    how = ", ".join(f"{number} {what}" for what, number in by_code.items())
    return Answer(part, not by_code["MISSED"], how)


def _rests(part: Part, report: Report, found: dict[str, Finding]) -> Answer:
    """Count distances as the list does; each must be a gap, a hole or a rest of the calendar."""
    limit_ns = part.limit * DAY_NS
    step_ns = report.name.frame.nanoseconds
    distances = _distances(report.path)
    if part.kind == "forex_gaps":
        is_daily = step_ns >= DAY_NS
        limit_ns = 3 * DAY_NS if is_daily else step_ns
        distances = [d for d in distances if is_daily or not _holds_saturday(d)]
    chosen = [d for d in distances if d[1] - d[0] > limit_ns]
    if len(chosen) != part.number:
        return Answer(part, is_found=False, how=f"counted as the list does: {len(chosen)}")
    by_code: Counter[str] = Counter()
    for distance in chosen:
        codes = [
            code
            for code in RESTS
            if code in found
            and any((p.time_ns, p.until_ns) == distance for p in found[code].places)
        ]
        by_code[codes[0] if codes else "MISSED"] += 1
    how = ", ".join(
        f"{number} {'the calendar explains (closure)' if code == 'closure' else code}"
        for code, number in by_code.items()
    )
    return Answer(part, not by_code["MISSED"], how)


def alarms(listed: Listed, report: Report) -> Alarms:
    """Sort the alarms of a file by who knows them."""
    speaks_of = _speaks_of(listed, report)
    known = looked_up_places = false_places = 0
    looked_up: list[str] = []
    false: list[str] = []
    for finding in report.findings:
        if finding.code.severity is Severity.INFO:
            continue
        name = finding.code.name
        right, reason = LOOKED_UP.get((report.path.stem, name), (0, ""))
        others = sum(not speaks_of(name, place) for place in finding.places)
        known += finding.count - others
        right = min(right, others)
        if right:
            looked_up.append(f"{name} {right}: {reason}")
            looked_up_places += right
        if others > right:
            false.append(f"{name} {others - right}")
            false_places += others - right
    return Alarms(known, tuple(looked_up), looked_up_places, tuple(false), false_places)


def _speaks_of(listed: Listed, report: Report) -> Callable[[str, Place], bool]:
    """Return what tells whether the list speaks of a place of a code."""
    covered = {code for part in listed.parts for code in SPOKEN_OF.get(part.kind, ())}
    if any(part.codes == ("order",) for part in listed.parts):
        covered |= {"disorder", "newest_first"}
    rows: set[int] = set()
    times: set[int] = set()
    for part in listed.parts:
        if part.kind == "jumps":
            moves = _moves_as_found(report.path, part.limit / 100)
            rows |= {row for move in moves for row in move[:2]}
            times |= {move[2] for move in moves}
    limit_ns = min((p.limit * DAY_NS for p in listed.parts if p.kind == "long_gaps"), default=0)

    def speaks(name: str, place: Place) -> bool:
        if any(name in part.codes and _is_named(place, part) for part in listed.parts):
            return True
        if name in MOVES:
            return place.row in rows or place.until_ns in times
        if name in {"gap", "hole"} and limit_ns:
            return _length_ns(place) > limit_ns
        return name in covered

    return speaks


def _moves_as_found(path: Path, limit: float) -> list[tuple[int, int, int, float]]:
    """Return row, row before, time and change of each move between rows with a close."""
    query = """
        with rows as (select file_row_number as row, epoch_us(ts) * 1000 as time_ns, close,
            lag(close) over (order by file_row_number) as before,
            lag(file_row_number) over (order by file_row_number) as row_before
            from read_parquet(?, file_row_number = true)
            where close is not null and not isnan(close))
        select row, row_before, time_ns, close / before - 1 from rows
        where before != 0 and abs(close / before - 1) > ?"""
    with duckdb.connect() as connection:
        return connection.execute(query, [str(path), limit]).fetchall()


def _distances(path: Path) -> list[tuple[int, int]]:
    query = """
        with times as (select distinct epoch_us(ts) * 1000 as time_ns
            from read_parquet(?) where ts is not null)
        select lag(time_ns) over (order by time_ns) as before, time_ns from times
        order by time_ns offset 1"""
    with duckdb.connect() as connection:
        return connection.execute(query, [str(path)]).fetchall()


def _holds_saturday(distance: tuple[int, int]) -> bool:
    # The epoch was a Thursday; Saturday noon is two and a half days behind it.
    week_ns, noon_ns = 7 * DAY_NS, 5 * DAY_NS // 2
    return (distance[0] - noon_ns) // week_ns != (distance[1] - noon_ns) // week_ns


def _length_ns(place: Place) -> int:
    return (place.until_ns or 0) - (place.time_ns or 0)


def _is_named(place: Place, part: Part) -> bool:
    """Tell whether a place is the one that words name; words without a name mean any."""
    if part.end == "value":
        return float(part.named) in dict(place.values).values()
    time_ns = place.until_ns if part.end == "until" else place.time_ns
    day = f"{datetime.fromtimestamp((time_ns or 0) / 1e9, UTC):%Y-%m-%d}"
    return not part.named or day == part.named


def reports(market: Path, files: list[Listed]) -> Iterator[tuple[Listed, Report | Refused]]:
    """Yield what is found in each listed file; files of one class are held against each other."""
    by_class: dict[AssetClass, list[Listed]] = {}
    for listed in files:
        asset_class = CLASSES.get(Path(listed.name).stem, AssetClass.STOCKS)
        by_class.setdefault(asset_class, []).append(listed)
    for asset_class, some in by_class.items():
        paths = [market / listed.name for listed in some]
        results = inspect_all(paths, Asked(asset_class=asset_class))
        yield from zip(some, results, strict=True)


def main() -> int:
    """Print every file's answers and alarms, and both counts."""
    default = os.environ.get("HFL_TRUTH_ROOT") or Path(__file__).parents[2] / "shared"
    market = Path(sys.argv[1] if len(sys.argv) > 1 else default) / "market"
    files = read_list(market / "SOURCES.md")
    total: Counter[str] = Counter()
    for listed, result in reports(market, files):
        if isinstance(result, Refused):
            print(f"{listed.name}: NOT READ: {result.reason}")
            total["refused"] += 1
            continue
        _tell(listed, result, total)
    print(f"\n{total['files']} of {len(files)} files read, {total['rows']} bars")
    print(f"listed defects: {total['parts']}, found {total['found']}, missed {total['missed']}")
    for name, what in (("clean", "files with no listed defect"), ("all", "all files")):
        bars, false = total[f"{name} bars"], total[f"{name} false"]
        print(
            f"{what}: {bars} bars, alarms looked up and right {total[f'{name} right']}, false "
            f"alarms {false}: {10_000 * false / max(bars, 1):.2f} per 10,000 bars"
        )
    return 1 if total["missed"] or total["refused"] else 0


def _tell(listed: Listed, report: Report, total: Counter[str]) -> None:
    is_whole = report.survey.rows == listed.rows
    note = "" if is_whole else f", listed {listed.rows}"
    print(f"{listed.name}: {report.survey.rows} bars{note}")
    for answer in answers(listed, report):
        total["parts"] += 1
        total["found" if answer.is_found else "missed"] += 1
        print(
            f"  {'found ' if answer.is_found else 'MISSED'}  {answer.part.text}  ->  {answer.how}"
        )
    told = alarms(listed, report)
    for text in told.looked_up:
        print(f"  right   not in the list: {text}")
    for text in told.false:
        print(f"  FALSE   {text}")
    total["files"] += 1
    total["rows"] += report.survey.rows
    for name in ("clean", "all") if listed.is_clean else ("all",):
        total[f"{name} bars"] += report.survey.rows
        total[f"{name} right"] += told.looked_up_places
        total[f"{name} false"] += told.false_places


if __name__ == "__main__":
    sys.exit(main())
