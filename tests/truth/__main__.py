"""Print how every truth case comes out, and end with 1 unless all of them pass.

Usage: python -m tests.truth [FILE.json ...]: all files of HFL_TRUTH_ROOT/truth, or those alone.
"""

import sys

from tests.support.shared import shared_folder
from tests.truth.runner import Line, is_true, run, totals

HEADINGS = ("file", "function", "cases", "passed", "worst deviation", "of allowed", "verdict")
MISSES_SHOWN = 20


def cells(line: Line) -> tuple[str, ...]:
    """Return a line as the table shows it."""
    return (
        line.file,
        line.function,
        str(line.cases),
        str(line.passed),
        f"{line.worst.deviation:.2g}",
        f"{line.worst.share:.1%}",
        line.verdict,
    )


def table(lines: list[Line]) -> str:
    """Return all lines under headings, in columns."""
    rows = [HEADINGS, *(cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main(names: list[str]) -> int:
    """Run, print and judge."""
    root = shared_folder()
    lines = run(root, only=frozenset(names))
    if not lines:
        print(
            f"Expected case files in {root / 'truth'}, found none: set HFL_TRUTH_ROOT to the folder"
            " that holds truth/."
        )
        return 1
    print(table(lines))
    misses = [f"{line.file} {miss}" for line in lines for miss in line.misses]
    for miss in misses[:MISSES_SHOWN]:
        print(miss)
    if len(misses) > MISSES_SHOWN:
        print(f"... and {len(misses) - MISSES_SHOWN} more")
    count = totals(lines)
    print(f"{count['passed']} of {count['cases']} cases pass.")
    return 0 if is_true(lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
