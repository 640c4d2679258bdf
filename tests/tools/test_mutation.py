"""What counts as a killed mutant, a survivor, an explained one and mere wording."""

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "mutation.py"
KEY = ("a.py", "check", "a < b", "a <= b")


def loaded(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return loaded(SCRIPT)


def mutants(tool: ModuleType, *states: bool | None, key: object = KEY) -> list[Any]:
    return [
        tool.Mutant(name=str(number), key=key, is_killed=state, is_wording=False)
        for number, state in enumerate(states)
    ]


FOUR = 'def f():\n    return g("no price is known", 1)'


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (FOUR.replace("no price is known", "XXno price is knownXX"), True),
        (FOUR.replace("no price is known", "NO PRICE IS KNOWN"), True),
        (FOUR.replace('"no price is known"', "None"), False),
        (FOUR.replace("no price is known", "some price is known"), False),
        (FOUR.replace(", 1", ", 2"), False),
        (FOUR.replace(", 1", ""), False),
    ],
)
def test_only_the_letters_of_a_sentence_are_mere_wording(tool, after: str, expected: bool):
    assert tool.is_wording(FOUR, after) is expected


def test_a_name_a_unit_or_a_code_is_no_mere_wording(tool):
    before = 'x = "times the usual"'

    assert not tool.is_wording(before, before.upper())
    assert not tool.is_wording('x = "risk_gap"', 'x = "RISK_GAP"')


def test_the_key_is_what_changed_and_not_where(tool):
    before = "def f(a, b):\n    c = 1\n    return a < b"
    after = "def f(a, b):\n    c = 1\n    return a <= b"

    assert tool.changed_lines(before, after) == ("return a < b", "return a <= b")
    assert tool.changed_lines(f"\n\n{before}", f"\n\n{after}") == ("return a < b", "return a <= b")


def test_the_score_is_of_those_a_test_could_tell_apart(tool):
    tally = tool.judge(mutants(tool, True, True, True, False, False), Counter([KEY]))

    assert (tally.killed, tally.equivalent, len(tally.survivors)) == (3, 1, 1)
    assert tally.percent == 75.0
    assert not tally.is_good


@pytest.mark.parametrize(("killed", "survived", "is_good"), [(95, 5, True), (94, 5, False)])
def test_below_ninety_five_per_cent_it_fails(tool, killed: int, survived: int, is_good: bool):
    tally = tool.judge(mutants(tool, *[True] * killed, *[False] * survived), Counter())

    assert tally.is_good is is_good


def test_an_explanation_that_explains_nothing_fails(tool):
    tally = tool.judge(mutants(tool, *[True] * 100), Counter([KEY]))

    assert tally.stale == [KEY]
    assert not tally.is_good


def test_what_was_not_asked_fails(tool):
    tally = tool.judge(mutants(tool, *[True] * 100, None), Counter())

    assert (tally.unchecked, tally.is_good) == (1, False)


def test_results_are_read_from_beside_the_mutated_file(tool, tmp_path: Path):
    folder = tmp_path / "mutants" / "pack"
    folder.mkdir(parents=True)
    lines = [
        "class Rule:",
        "    def xǁRuleǁcheck__mutmut_orig(self, a): # type: ignore # mutmut generated",
        "        return a < 1 # type: ignore # mutmut generated",
        "    def xǁRuleǁcheck__mutmut_1(self, a): # type: ignore # mutmut generated",
        "        return a <= 1 # type: ignore # mutmut generated",
    ]
    (folder / "a.py").write_text("\n".join(lines) + "\n")
    spans = {"xǁRuleǁcheck__mutmut_orig": [2, 3], "xǁRuleǁcheck__mutmut_1": [4, 5]}
    (folder / "a.py.spans").write_text(json.dumps({"version": 1, "spans": spans}))
    name = "pack.a.xǁRuleǁcheck__mutmut_1"
    (folder / "a.py.meta").write_text(json.dumps({"exit_code_by_key": {name: 0}}))

    assert tool.read(tmp_path) == [
        tool.Mutant(
            name=name,
            key=("pack/a.py", "Rule.check", "return a < 1", "return a <= 1"),
            is_killed=False,
            is_wording=False,
        )
    ]


def test_targets_name_files_and_tests_that_exist(tool):
    for target in tool.targets().values():
        assert all(list(tool.ROOT.glob(pattern)) for pattern in target.files)
        named = [*target.tests, *target.deselected]
        assert [name for name in named if not (tool.ROOT / name.split("::")[0]).exists()] == []
        for name in target.deselected:
            file, _, function = name.partition("::")
            assert f"def {function}" in (tool.ROOT / file).read_text() or not function


def test_every_explanation_is_of_lines_that_still_stand(tool):
    """Quick where the run itself is long: a changed line wants its explanation again."""
    for file, function, before, _ in tool.explained():
        text = re.sub(r"\s+", " ", (tool.ROOT / file).read_text())
        assert f"def {function.rpartition('.')[2]}(" in text, file
        assert re.sub(r"\s+", " ", before) in text, (file, before)


def test_a_run_asks_what_nobody_killed_and_keeps_the_rest(tmp_path: Path):
    loop = loaded(SCRIPT.with_name("mutation_loop.py"))
    path = tmp_path / "a.py.meta"
    codes = {"killed": 1, "slow": 36, "survived": 0, "not reached": 33, "new": None}
    ask = loop.Loop({path: {"exit_code_by_key": codes}}, jobs=1)

    assert list(loop._open(ask.metas[path])) == ["survived", "not reached", "new"]
    ask.found = {"survived": 1, "new": 0, "of another file": 1}
    ask.save()
    assert json.loads(path.read_text())["exit_code_by_key"] == codes | {"survived": 1, "new": 0}
