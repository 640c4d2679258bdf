"""Run truth cases and say how each function of each file came out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hfl_core.domain.errors import HflError
from tests.truth.cases import Case, CaseFile, read_all
from tests.truth.compare import Outcome, compare, worst
from tests.truth.functions import Function, find
from tests.truth.notbuilt import NotBuiltError

PASSED = "pass"
MISSED = "MISS"
NOT_IMPLEMENTED = "not implemented"
UNREADABLE = "unreadable"


class Line(NamedTuple):
    """One function of one file: its cases, how they came out, and what was missed."""

    file: str
    function: str
    cases: int
    passed: int
    worst: Outcome
    verdict: str
    misses: tuple[str, ...] = ()


def run(root: Path, *, only: frozenset[str] = frozenset()) -> list[Line]:
    """Return a line for every function of every case file under root, or of those named alone."""
    return [
        line
        for case_file in read_all(root)
        if not only or case_file.name in only
        for line in lines_of(case_file, root)
    ]


def lines_of(case_file: CaseFile, root: Path) -> Iterator[Line]:
    """Yield a line for every function of one file, in the order in which they first appear."""
    if case_file.fault:
        yield Line(case_file.name, "-", 0, 0, Outcome(), UNREADABLE, (case_file.fault,))
        return
    groups: dict[str, list[Case]] = {}
    for case in case_file.cases:
        groups.setdefault(case.function, []).append(case)
    for name, cases in groups.items():
        function = find(name)
        if function is None:
            yield Line(case_file.name, name, len(cases), 0, Outcome(), NOT_IMPLEMENTED)
        else:
            yield line_of(name, function, cases, root)


def line_of(name: str, function: Function, cases: list[Case], root: Path) -> Line:
    """Return how the cases of one function came out."""
    outcomes = [outcome_of(function, case, root) for case in cases]
    misses = tuple(
        f"{case.name}: {outcome.fault}"
        for case, outcome in zip(cases, outcomes, strict=True)
        if outcome.fault
    )
    is_built = not all(NOT_IMPLEMENTED in miss for miss in misses)
    verdict = PASSED if not misses else MISSED if is_built else NOT_IMPLEMENTED
    passed = len(cases) - len(misses)
    return Line(cases[0].file, name, len(cases), passed, worst(outcomes), verdict, misses)


def outcome_of(function: Function, case: Case, root: Path) -> Outcome:
    """Return how one case came out; what cannot be computed is a miss with its sentence."""
    try:
        if function.is_table:
            answer = function.call(case.inputs, case.expected, case.tolerance, root)
            assert isinstance(answer, Outcome)
            return answer
        got: Any = function.call(case.inputs, case.expected, case.tolerance, root)
    except NotBuiltError as error:
        return Outcome(fault=f"{NOT_IMPLEMENTED}: {error}")
    except (HflError, OSError, LookupError, TypeError, ValueError) as error:
        return Outcome(fault=f"{type(error).__name__}: {error}")
    return compare(got, case.expected, case.tolerance)


def totals(lines: list[Line]) -> Mapping[str, int]:
    """Return the number of cases, and of those that passed."""
    return {
        "cases": sum(line.cases for line in lines),
        "passed": sum(line.passed for line in lines),
    }


def is_true(lines: list[Line]) -> bool:
    """Tell whether there is something to pass and all of it passed."""
    return bool(lines) and all(line.verdict == PASSED for line in lines)
