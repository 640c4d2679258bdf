"""Truth cases as they stand in files: `truth/*.json` under a root, inputs relative to that root."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One input with its expected answer."""

    file: str
    name: str
    function: str
    inputs: Mapping[str, Any]
    expected: Any
    tolerance: Mapping[str, Any]


class CaseFile(NamedTuple):
    """The cases of one file, or the sentence why it has none."""

    name: str
    cases: tuple[Case, ...]
    fault: str = ""


def read_all(root: Path) -> list[CaseFile]:
    """Return every case file of root, by name."""
    return [read(path) for path in sorted((root / "truth").glob("*.json"))]


def read(path: Path) -> CaseFile:
    """Return a file's cases, without the optional ones and what stands under other keys."""
    try:
        found = json.loads(path.read_text())
        listed = found["cases"]
        cases = tuple(
            Case(
                file=path.name,
                name=str(case["id"]),
                function=str(case["function"]),
                inputs=case["input"],
                expected=case["expected"],
                tolerance=case.get("tolerance") or {},
            )
            for case in listed
            if not case.get("optional")
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        return CaseFile(path.name, (), f"expected a list of cases, found {what}: correct the file")
    if not cases:
        return CaseFile(path.name, (), "expected cases, found none: add one or remove the file")
    return CaseFile(path.name, cases)
