"""What strategies share: a stop in ATR is measured, shown and checked in one way."""

import pytest

from hfl_core.domain.opinions import FLAT, LONG, SHORT, Candidate
from hfl_core.strategies.evidence import atr_numbers, atr_stop, check_atr_stop


@pytest.mark.parametrize(("direction", "distance"), [(LONG, 5.0), (SHORT, 5.0), (FLAT, 0.0)])
def test_an_entry_has_its_stop_so_many_atr_away_and_an_exit_none(direction, distance):
    assert atr_stop(Candidate(direction, "why"), 2.0, 2.5) == distance


def test_evidence_names_the_bars_of_the_atr():
    assert atr_numbers(14, 2.0, 2.5) == (("atr(14)", 2.0), ("stop_atr", 2.5))


@pytest.mark.parametrize(
    ("bars", "stop_atr", "said"),
    [
        (0, 2.0, "expected atr as a whole number"),
        (True, 2.0, "expected atr as a whole number"),
        (14, 0.05, "expected stop_atr as a number from 0.1 to 50"),
        (14, 51, "expected stop_atr as a number from 0.1 to 50"),
    ],
)
def test_a_stop_that_cannot_be_measured_is_refused(bars, stop_atr, said):
    check_atr_stop(14, 0.1)
    with pytest.raises(ValueError, match=said):
        check_atr_stop(bars, stop_atr)
