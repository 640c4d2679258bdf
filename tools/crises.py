"""Trades the crises in real bars with every profile and writes what its limits did.

    python tools/crises.py [--root DIR] [--only BTC] [--write]

Uses the installed command `hfl` alone: `hfl run` over a span of each file, in a home of its own,
then `hfl risk report --json`. Spans of files are cut with DuckDB. --write replaces the figures in
docs/crises.md, else they are printed. The bars are read from DIR/market (HFL_TRUTH_ROOT).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

PAGE: Final = Path(__file__).parents[1] / "docs" / "crises.md"
BEGIN: Final = "<!-- figures: begin -->\n"
END: Final = "<!-- figures: end -->\n"
COMMAND: Final = (sys.executable, "-c", "import sys; from hfl.cli import main; sys.exit(main())")
RUN_S: Final = 900
PROFILES: Final = ("sandbox", "small", "grow", "pro")
LIMITS: Final = ("daily_loss", "weekly_loss", "monthly_loss", "drawdown", "rapid_loss")
SHORT: Final = {
    "daily_loss": "day",
    "weekly_loss": "week",
    "monthly_loss": "month",
    "drawdown": "drawdown",
    "rapid_loss": "hour",
}
# The profile whose every trip is listed.
TOLD: Final = "sandbox"
SPRING: Final = ("2020-01-20", "2020-04-10")
AUTUMN: Final = ("2007-10-01", "2009-04-01")
BANK: Final = 'instruments.symbols.BAC={asset_class = "stocks", tick = 0.01, sector = "financials"}'
COMMON: Final = ("account.cash_start=100000", BANK)
FORMS: Final = {
    "as shipped": ("strategy.name=trend",),
    "sizes wide open": (
        "strategy.name=reversion",
        'strategy.parameters={stop_atr = 6, long_in = "bull sideways bear crisis"}',
        "risk.limits.risk_per_trade_fraction=0.5",
        "risk.limits.risk_per_trade_fraction_max=0.5",
        "risk.limits.open_risk_fraction_max=0.99",
        "risk.limits.position_fraction_max=1",
        "risk.limits.order_notional_max_fraction=1",
        "risk.limits.sector_fraction_max=1",
        "risk.limits.gap_loss_fraction_max=0.99",
        "risk.limits.volatility_ratio_max=1000",
        "risk.limits.crisis_size_fraction=0.99",
        "risk.limits.history_days_min=0",
        "risk.limits.traded_value_min=0",
    ),
}

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crisis:
    """A name, the files below market/, and the span that is traded: first day, day behind it."""

    name: str
    files: tuple[str, ...]
    span: tuple[str, str]


CRISES: Final = (
    Crisis(name="BTC", files=("crypto/BTC-USDT_1h",), span=SPRING),
    Crisis(name="ETH", files=("crypto/ETH-USDT_1h",), span=SPRING),
    Crisis(name="BTC, ETH", files=("crypto/BTC-USDT_1h", "crypto/ETH-USDT_1h"), span=SPRING),
    Crisis(name="SPX", files=("indices/SPX_1d",), span=AUTUMN),
    Crisis(name="SPY", files=("stocks/SPY_1d",), span=AUTUMN),
    Crisis(name="BAC", files=("stocks/BAC_1d",), span=AUTUMN),
)


def main(argv: list[str]) -> int:
    """Run every crisis with every profile in both forms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=os.environ.get("HFL_TRUTH_ROOT", "../shared"))
    parser.add_argument("--only", default="", help="one crisis by name")
    parser.add_argument("--write", action="store_true", help="write docs/crises.md")
    arguments = parser.parse_args(argv)
    root = Path(arguments.root)
    if not (root / "market").is_dir():
        sys.stderr.write(f"expected market/ in {root}, found none: name its folder with --root\n")
        return 1
    chosen = [crisis for crisis in CRISES if arguments.only in {"", crisis.name}]
    parts = []
    for form, settings in FORMS.items():
        found = {}
        for crisis in chosen:
            for profile in PROFILES:
                sys.stderr.write(f"{form}: {crisis.name}, {profile}\n")
                found[crisis.name, profile] = traded(root, crisis, profile, settings)
        parts += [f"## {form.capitalize()}\n\n", table(found), "\n"]
    parts += listed(found)
    text = "".join(parts)
    if arguments.write:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def traded(root: Path, crisis: Crisis, profile: str, settings: tuple[str, ...]) -> Report:
    """Trade one crisis in a new home; return what `hfl risk report --json` says of it."""
    with tempfile.TemporaryDirectory(prefix="hfl-crisis-") as folder:
        home = ("--home", str(Path(folder) / "h"))
        words = ["run", *home, "--until-end", "--no-api", "--json", "--profile", profile]
        for name in crisis.files:
            words += ["--path", str(cut(root, name, crisis.span, Path(folder)))]
        for setting in (*COMMON, *settings):
            words += ["--set", setting]
        hfl(words)
        report: Report = json.loads(hfl(["risk", "report", *home, "--json"]))
    return report


def cut(root: Path, name: str, span: tuple[str, str], folder: Path) -> Path:
    """Write the span of a file to a file of the same name, in a folder of the same class."""
    target = folder / f"{name}.parquet"
    target.parent.mkdir(exist_ok=True)
    source = root / "market" / f"{name}.parquet"
    duckdb.sql(
        f"COPY (SELECT * FROM '{source}' WHERE ts >= '{span[0]}' AND ts < '{span[1]}' ORDER BY ts)"  # noqa: S608 - names of this file alone
        f" TO '{target}' (FORMAT parquet)"
    )
    return target


def hfl(words: list[str]) -> str:
    """Type a command; return what it said."""
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=RUN_S, check=False
    )
    if done.returncode:
        raise SystemExit(f"hfl {' '.join(words)}: {done.stderr}")
    return done.stdout


# --- figures --------------------------------------------------------------------------------------


def table(found: dict[tuple[str, str], Report]) -> str:
    """Return one line a run: trips, the worst losses, and how far drawdown went beyond."""
    heads = ["bars", "profile", "entries", "while stopped", "stopped", "trips", "breakers"]
    heads += [f"worst {SHORT[name]}" for name in LIMITS]
    heads += ["drawdown beyond", "in the bar", "to stops", "past stops"]
    lines = [f"| {' | '.join(heads)} |\n", f"|{'---|' * len(heads)}\n"]
    for (name, profile), report in found.items():
        limits = {one["limit"]: one for one in report["limits"]}
        beyond = limits["drawdown"]["beyond"] or {}
        trips = [trip["kind"] for trip in report["trips"]]
        cells = [name, profile, report["entries"], report["entries_while_stopped"]]
        cells += [f"{report['stopped_share']:.1%}", trips.count("limit"), trips.count("breaker")]
        cells += [_worst(limits.get(one)) for one in LIMITS]
        cells += [
            percent(beyond.get(f"{part}_fraction", "0"))
            for part in ("total", "in_the_bar", "to_stops", "past_stops")
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |\n")
    return "".join(lines)


def _worst(limit: Report | None) -> str:
    if limit is None:
        return "-"
    return f"{percent(limit['worst_fraction'])} of {percent(limit['limit_fraction'])}"


def listed(found: dict[tuple[str, str], Report]) -> list[str]:
    """Return every trip of one profile, for each of the crises."""
    parts = [f"## Every trip, sizes wide open, profile {TOLD}\n\n"]
    for (name, profile), report in found.items():
        if profile != TOLD:
            continue
        refused = ", ".join(f"{rule} {count}" for rule, count in report["refusals"].items())
        parts.append(
            f"{name}, {report['first'][:10]} to {report['last'][:10]}: {report['assessed']} entries"
            f" judged, {report['approved']} approved; refused by {refused or 'nothing'}.\n\n"
        )
        heads = ["fired", "what", "scope", "value", "limit", "over", "worst", "armed again", "by"]
        parts += [f"| {' | '.join(heads)} |\n", f"|{'---|' * len(heads)}\n"]
        parts += [f"| {' | '.join(_trip(trip))} |\n" for trip in report["trips"]]
        parts.append("\n")
    return parts


def _trip(trip: Report) -> list[str]:
    ended = trip["ended"] or {"time": "not yet", "by": "", "why": ""}
    by = ended["why"] if trip["kind"] == "breaker" else ended["by"]
    figures = [number(trip[name]) for name in ("value", "limit", "overshoot")]
    worst = number(trip["worst"]) if "worst" in trip else ""
    return [trip["time"], trip["name"], trip["scope"], *figures, worst, ended["time"], by]


def percent(fraction: str) -> str:
    """Return a fraction as per cent with two places."""
    return f"{float(fraction):.2%}"


def number(text: str) -> str:
    """Return a figure for a table."""
    return f"{float(text):,.2f}" if abs(float(text)) >= 1 else f"{float(text):.4f}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
