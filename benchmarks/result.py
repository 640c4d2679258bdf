"""One measured figure with its aim, and how a run of them is printed and kept."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

RESULTS: Final = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """value: in unit; is_met: None where there is no aim; details: everything else measured."""

    group: str
    name: str
    value: float
    unit: str
    aim: str = ""
    is_met: bool | None = None
    details: dict[str, float | str] = field(default_factory=dict)


def at_most(
    group: str, name: str, value: float, limit: float, *, unit: str, **details: float | str
) -> Result:
    """Judge a value that should be small."""
    return Result(
        group=group,
        name=name,
        value=value,
        unit=unit,
        aim=f"<= {limit:,g}",
        is_met=value <= limit,
        details=details,
    )


def at_least(
    group: str, name: str, value: float, limit: float, *, unit: str, **details: float | str
) -> Result:
    """Judge a value that should be large."""
    return Result(
        group=group,
        name=name,
        value=value,
        unit=unit,
        aim=f">= {limit:,g}",
        is_met=value >= limit,
        details=details,
    )


def show(results: Iterable[Result]) -> None:
    """Print the table; a verdict stands only where there is an aim."""
    table = Table(title="Benchmarks: medians of one run; ratios hold, absolutes are this machine's")
    for heading in ("what", "measured", "aim", "verdict", "beside it"):
        table.add_column(heading, justify="right" if heading in {"measured", "aim"} else "left")
    for one in results:
        verdict = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[one.is_met]
        beside = ", ".join(f"{name} {_short(value)}" for name, value in one.details.items())
        table.add_row(
            f"{one.group}: {one.name}", f"{_short(one.value)} {one.unit}", one.aim, verdict, beside
        )
    Console().print(table)


def keep(results: Sequence[Result]) -> Path:
    """Write one JSON line a result into a file of its own; return its path."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n")
    path = RESULTS / f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.jsonl"
    path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in results))
    return path


def _short(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
