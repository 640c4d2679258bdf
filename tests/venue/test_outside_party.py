"""The venue is an outside party: it and its brokers import the domain and the standard library."""

import ast
import sys
from pathlib import Path

import pytest

import hfl_core.brokers
import hfl_core.venue

ALLOWED = {
    "venue": ("hfl_core.domain", "hfl_core.venue"),
    "brokers": ("hfl_core.domain", "hfl_core.ports", "hfl_core.brokers"),
}
# Of the brokers, those of the paper venue need nothing but the standard library.
STANDARD_ONLY = {"paper.py", "inprocess.py", "_answers.py", "_certainty.py", "_template.py"}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("package", [hfl_core.venue, hfl_core.brokers])
def test_nothing_of_the_bot_is_known(package) -> None:
    room = package.__name__.rpartition(".")[2]
    files = sorted(Path(package.__path__[0]).glob("*.py"))
    for path in files:
        if room == "brokers" and path.name not in STANDARD_ONLY | {"__init__.py"}:
            continue
        for name in imported(path):
            is_ours = name.startswith(ALLOWED[room])
            assert is_ours or name.partition(".")[0] in sys.stdlib_module_names, (path.name, name)

    assert len(files) > 4
