"""Every tidy check accepts a good sample and refuses a bad one."""

import ast
from collections.abc import Callable

import pytest

from tests.style import checks


def function_of(lines: int) -> str:
    return "def long():\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.long_functions, function_of(70), function_of(71)),
        (
            checks.long_functions,
            "class A:\n    def f(self):\n" + "        pass\n" * 69,
            "class A:\n    def f(self):\n" + "        pass\n" * 70,
        ),
        (checks.crowded_functions, "def f(a, b, c, d, *, e): ...", "def f(a, b, c, d, e): ..."),
        (
            checks.crowded_functions,
            "class A:\n    def f(self, a, b, c, d): ...",
            "class A:\n    def f(self, a, b, c, d, e): ...",
        ),
        (checks.lacks_docstring, '"""Why."""', "x = 1"),
        (checks.does_more_than_explain, '"""Why."""', '"""Why."""\nfrom a import b'),
        (checks.does_more_than_explain, '"""Why."""', ""),
        (checks.impurities, "import math", "import os"),
        (checks.impurities, "import math", "import os.path as p"),
        (checks.impurities, "from decimal import Decimal", "from time import monotonic"),
        (checks.impurities, "from datetime import UTC", "def f():\n    import random"),
        (checks.impurities, "import hashlib", "from urllib.request import urlopen"),
        (checks.impurities, "opened(1)", "open('x')"),
        (checks.impurities, "printed(1)", "print(1)"),
        (checks.impurities, "clock.then()", "datetime.now(UTC)"),
        (checks.impurities, "def f(): ...", "async def f(): ..."),
        (checks.impurities, "def f():\n    x = 1", "def f():\n    global x\n    x = 1"),
        (checks.float_money, "score: float = 0", "price: float = 0"),
        (checks.float_money, "cash: Decimal", "cash: float | None"),
        (checks.float_money, "def f(equity: Decimal): ...", "def f(equity_start: float): ..."),
    ],
)
def test_check_tells_good_from_bad(check: Callable[[ast.Module], object], good: str, bad: str):
    assert not check(ast.parse(good))
    assert check(ast.parse(bad))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("# TODO(#12): shorten", "# TODO: shorten"),
        ("see HFL_HOME/journal", "see /" + "root/journal"),
        ("ratio a/b", "cd /" + "work/project"),
        ("from your package index", "https://pypi.org/simple"),
    ],
)
def test_text_check_tells_good_from_bad(good: str, bad: str):
    assert checks.text_faults(good) == []
    assert checks.text_faults(bad) != []


def test_imports_are_found_wherever_they_stand():
    code = """
import hfl_core.a
from hfl_core.b import c
def late():
    from hfl_core.d import e
command = ["-m", "hfl_core.venue"]
"""
    found = checks.imported_names(ast.parse(code), "hfl_core.x", is_package=False)

    assert {"hfl_core.a", "hfl_core.b", "hfl_core.b.c", "hfl_core.d", "hfl_core.venue"} <= found
    assert "hfl_core.z" not in found
