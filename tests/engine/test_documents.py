"""The documents: the diagram, the event catalogue and the tables are what the code says."""

import re
from pathlib import Path

import pytest

from hfl_core.domain.events import EVENT_TYPES
from hfl_core.domain.orders import OrderStatus
from hfl_core.engine.table import STATES, TABLE
from tools import draw_states


@pytest.mark.parametrize("path", list(draw_states.DRAWINGS), ids=lambda path: path.name)
def test_what_was_drawn_is_what_would_be_drawn(path: Path):
    name, draw = draw_states.DRAWINGS[path]
    text = path.read_text()

    assert draw_states.drawn(text, name, draw()) == text, "run python tools/draw_states.py"


def test_the_diagram_shows_every_transition_of_the_table():
    shown = set()
    for source, target, triggers in re.findall(
        r"^    (\w+) --> (\w+): (.+)$", draw_states.state_diagram(), re.MULTILINE
    ):
        shown |= {(source, trigger, target) for trigger in triggers.split(", ")}

    assert shown == {
        (source, trigger, target) for source in STATES for trigger, target in TABLE[source].items()
    }


def test_the_catalogue_lists_every_event_once():
    listed = re.findall(r"^\| `(\w+)` v\d+ \|", draw_states.event_catalogue(), re.MULTILINE)

    assert sorted(listed) == sorted(kind.__name__ for kind in EVENT_TYPES)


def test_every_status_of_an_order_is_explained():
    text = draw_states.ARCHITECTURE.read_text()
    explained = re.findall(r"^\| `(\w+)` \| `", text, re.MULTILINE)

    assert explained == [status.value for status in OrderStatus]


def test_every_file_that_the_architecture_names_exists():
    text = draw_states.ARCHITECTURE.read_text()
    named = re.findall(r"`((?:hfl_core|data|journal|tools)/[\w/.]+)`", text)

    assert len(named) > 15
    assert [name for name in named if not (draw_states.ROOT / name).exists()] == []


def test_a_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="expected the markers"):
        draw_states.drawn("# nothing", "state diagram", "x")
