"""What every rule must keep to; a new file in the rules' folder is picked up by itself."""

import ast
import inspect
import pkgutil

import pytest
from hypothesis import given

import hfl_core.risk.rules
from hfl_core.domain.reasons import risk_code
from hfl_core.domain.verdicts import Outcome
from hfl_core.risk.context import Rule
from hfl_core.risk.gate import assess
from tests.engine.kit import RULES
from tests.risk.context import context, contexts, ordinary, tight

IDS = [rule.name for rule in RULES]


def test_every_file_is_one_rule_named_like_its_file():
    files = [module.name for module in pkgutil.iter_modules(hfl_core.risk.rules.__path__)]

    assert [name for name in files if not name.startswith("_")] == IDS


@pytest.mark.parametrize("rule", RULES, ids=IDS)
@given(found=contexts())
def test_a_rule_answers_anything_in_its_own_name(rule: Rule, found):
    verdict = rule.check(found)

    assert verdict.rule == rule.name
    assert verdict == rule.check(found)
    if verdict.outcome is Outcome.REFUSE:
        assert verdict.note or (verdict.value and verdict.limit)
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        assert verdict.note
    if verdict.quantity_max_lots is not None:
        assert verdict.quantity_max_lots >= 0


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_an_ordinary_entry_passes(rule: Rule):
    for bounds in (None, tight()):
        assert rule.check(context(bounds, lots_base=1)).outcome is not Outcome.REFUSE


def test_every_rule_has_an_entry_that_it_judges_and_lets_pass():
    judged = {verdict.rule for verdict in assess(ordinary(), RULES).rules[:-1] if verdict.value}

    assert judged == set(IDS)
    assert assess(ordinary(), RULES).is_allowed


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_explains_itself_with_a_worked_example(rule: Rule):
    text = inspect.getdoc(inspect.getmodule(type(rule))) or ""

    assert "Worked example" in " ".join(text.split())
    assert "value =" in text
    assert "limit =" in text
    assert "Knows nothing of" in " ".join(text.split())


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_holds_no_state(rule: Rule):
    tree = ast.parse(inspect.getsource(type(rule)))
    stores = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]

    assert [node.attr for node in stores if isinstance(node.ctx, ast.Store)] == []
    assert risk_code(rule.name) == f"RISK_{rule.name.upper()}"
