"""Desks are found by their file's name; every one keeps the rules of the template."""

import pytest

from hfl_core.domain.errors import ConfigError
from hfl_models.desks._template import Desk as Template
from hfl_models.loader import desk_names, load_desk
from hfl_models.sources import DeskSources
from tests.models.kit import AAA, NOW, Line

SOURCES = (
    DeskSources(),
    DeskSources(headlines=lambda symbol, until_ns: ()),
    DeskSources(headlines=lambda symbol, until_ns: [Line(NOW - 1, "BBB: buy BBB, profit soars")]),
)
DESKS = [(name, sources) for name in desk_names() for sources in SOURCES]


@pytest.mark.parametrize("name", ["banker", "_template", "", "../investor", "investor.py"])
def test_a_name_that_does_not_exist_is_refused_in_one_sentence(name):
    with pytest.raises(ConfigError, match=r"expected engine\.desks out of .*investor.*found"):
        load_desk(name, DeskSources())


def test_the_investor_is_there():
    assert "investor" in desk_names()


@pytest.mark.parametrize(("name", "sources"), DESKS)
def test_every_desk_keeps_the_rules(name, sources):
    desk = load_desk(name, sources)
    opinion = desk.ask(AAA, as_of_ns=NOW, deadline_s=5.0)

    assert (desk.desk, opinion.desk, opinion.symbol) == (name, name, "AAA")
    assert -1 <= opinion.score <= 1
    assert 0 <= opinion.confidence <= 1
    assert opinion.made_ns <= NOW <= opinion.valid_until_ns
    assert opinion.rationale
    assert all(desk.blob(sha) for sha in opinion.evidence)


def test_the_template_itself_answers():
    opinion = Template(DeskSources()).ask(AAA, as_of_ns=NOW, deadline_s=5.0)

    assert opinion.confidence == 0
