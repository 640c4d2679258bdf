"""What a file is held against: corporate actions, a second source, an end, others of its kind."""

from pathlib import Path

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.several import Refused, inspect_all
from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import SECOND, clean, findings, rows, scaled, without, write

DAY = 86_400 * SECOND
HEAD = "last_date,price_factor,split_factor,reference_close\n"


def codes(path: Path, asked: Asked | None = None) -> list[str]:
    return sorted(f.code.name for f in inspect(path, asked or Asked()).findings)


def factors(folder: Path, series, at: int, ratio: float) -> Path:
    """A list that says: from row at on, one old share is so many new ones."""
    day = np.datetime64(int(series["ts"][at - 1]), "ns").astype("datetime64[D]")
    path = folder / "corporate_actions" / "AAA_factors.csv"
    path.parent.mkdir(exist_ok=True)
    text = str(day).replace("-", "")
    path.write_text(
        f"{HEAD}20000103,0.9,{1 / ratio},1\n{text},0.9,{1 / ratio},90\n20501231,1,1,0\n"
    )
    return path


@pytest.mark.parametrize("market", ["stocks 1d", "stocks 1h"])
def test_a_listed_split_is_a_note(market, tmp_path):
    series = scaled(clean(market, 1), slice(60, None), 1 / 7)
    path = write(series, market, tmp_path)
    if market == "stocks 1h":
        # The first bar of the next session.
        days = series["ts"] // DAY
        at = int(np.flatnonzero(np.diff(days))[8]) + 1
        series = scaled(clean(market, 1), slice(at, None), 1 / 7)
        path = write(series, market, tmp_path)
        factors(tmp_path, series, at, 7.0)
    else:
        factors(tmp_path, series, 60, 7.0)

    assert codes(path) == ["split_listed"]


def test_a_split_that_the_list_does_not_know_stays_an_error(tmp_path):
    series = scaled(clean("stocks 1d", 2), slice(60, None), 1 / 2)
    path = write(series, "stocks 1d", tmp_path)
    factors(tmp_path, series, 61, 1.003)

    found = findings(path)

    assert rows(found) == {"split_unadjusted": [60]}
    assert "do not list" in found["split_unadjusted"].evidence


def test_a_listed_split_without_a_move_is_told(tmp_path):
    series = clean("stocks 1d", 3)
    path = write(series, "stocks 1d", tmp_path)
    factors(tmp_path, series, 60, 2.0)

    assert rows(findings(path)) == {"split_absent": [60]}


def test_a_list_can_be_named(tmp_path):
    series = scaled(clean("stocks 1d", 4), slice(60, None), 1 / 3)
    path = write(series, "stocks 1d", tmp_path / "here")
    named = factors(tmp_path, series, 60, 3.0)

    assert codes(path) == ["split_unadjusted"]
    assert codes(path, Asked(factors=named)) == ["split_listed"]


def test_a_list_that_is_none_is_one_sentence(tmp_path):
    path = write(clean("stocks 1d", 5), "stocks 1d", tmp_path)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")

    with pytest.raises(DataError, match="expected columns last_date and split_factor"):
        inspect(path, Asked(factors=wrong))


def test_a_crash_with_ten_times_the_money_is_no_split(tmp_path):
    """The 29th of September 2000 of a real stock fell by half; its turnover was ten times usual."""
    series = scaled(clean("stocks 1d", 6), slice(60, None), 0.5)
    series["volume"][60] *= 20.0
    path = write(series, "stocks 1d", tmp_path)

    assert rows(findings(path)) == {"jump": [60]}


def test_another_price_behind_a_long_hole_is_another_company_perhaps(tmp_path):
    series = scaled(clean("crypto 1d", 7), slice(100, None), 1.4)
    series["ts"][100:] += 400 * DAY
    path = write(series, "crypto 1d", tmp_path)

    assert rows(findings(path)) == {"hole": [100], "ticker_reuse": [100]}


def test_the_same_price_behind_a_long_hole_is_a_hole_alone(tmp_path):
    series = clean("crypto 1d", 8)
    series["ts"][100:] += 400 * DAY
    path = write(series, "crypto 1d", tmp_path)

    assert rows(findings(path)) == {"hole": [100]}


def test_prices_that_differ_from_a_second_source_are_told(tmp_path):
    series = clean("crypto 1h", 9)
    one = write(series, "crypto 1h", tmp_path / "one")
    other = {name: column.copy() for name, column in series.items()}
    other["close"][[70, 200]] *= 0.98
    two = write(other, "crypto 1h", tmp_path / "two")

    assert rows(findings(one, Asked(against=two))) == {"sources_disagree": [70, 200]}
    assert findings(one, Asked(against=one)) == {}


def test_a_second_source_may_be_mixed_up_and_have_holes(tmp_path):
    series = clean("crypto 1h", 10)
    one = write(series, "crypto 1h", tmp_path / "one")
    other = {name: column[::-1] for name, column in without(series, [30, 31]).items()}
    two = write(other, "crypto 1h", tmp_path / "two")

    found = inspect(one, Asked(against=two)).findings

    assert [f.code.name for f in found] == ["not_in_second_source"]
    assert [place.row for place in found[0].places] == [30, 31]


def test_a_second_source_of_other_bars_is_refused(tmp_path):
    one = write(clean("crypto 1h", 10), "crypto 1h", tmp_path)
    two = write(clean("crypto 1d", 10), "crypto 1d", tmp_path)

    with pytest.raises(DataError, match="expected a second source of 1h bars"):
        inspect(one, Asked(against=two))


def test_a_series_that_should_go_on_has_ended(tmp_path):
    series = clean("crypto 1d", 11)
    path = write(series, "crypto 1d", tmp_path)
    last = int(series["ts"][-1])

    assert findings(path, Asked(until_ns=last + 5 * DAY)) == {}
    (found,) = findings(path, Asked(until_ns=last + 60 * DAY)).values()
    assert found.code.name == "series_ends"
    assert found.places[0].time_ns == last


def test_a_file_that_ends_before_the_others_is_a_note(tmp_path):
    series = clean("crypto 1d", 12)
    whole = write(series, "crypto 1d", tmp_path, "AAA")
    short = write({n: c[:100] for n, c in series.items()}, "crypto 1d", tmp_path, "BBB")
    other = write(clean("crypto 1h", 12), "crypto 1h", tmp_path, "CCC")

    found = {}
    for result in inspect_all([whole, short, other], Asked()):
        assert not isinstance(result, Refused)
        found[result.path] = [f.code.name for f in result.findings]

    assert found == {whole: [], short: ["ends_before_others"], other: []}
