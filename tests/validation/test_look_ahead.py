"""The detector names the column and the row, and lets every shipped indicator and feature pass."""

import inspect
import math

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.features import catalogue as features
from hfl_core.features.base import CLOSE, HLC, FeatureSpec
from hfl_core.indicators._columns import bars_of
from hfl_core.indicators.catalogue import compute, find
from hfl_core.validation.look_ahead import look_ahead
from hfl_core.validation.perturbing import Way, perturbed
from hfl_core.validation.tables import Table, rows_of_bars, table_of
from tests.style import tree

ROWS = 200


def bars(seed=3, rows=ROWS):
    """Return bars that enclose their closes, with volume."""
    chance = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(0.01 * chance.standard_normal(rows)))
    opened = np.concatenate([[100.0], close[:-1]])
    reach = np.abs(chance.standard_normal((2, rows))) * 0.005
    return rows_of_bars(
        open=opened,
        high=np.maximum(opened, close) * (1 + reach[0]),
        low=np.minimum(opened, close) * (1 - reach[1]),
        close=close,
        volume=chance.integers(1, 1_000, rows).astype(np.float64),
    )


WORLD = {"bars": bars()}


def of_close(function, name="feature"):
    """Return what a function of the closes says, row by row."""

    def computed(world):
        table = world["bars"]
        return Table(table.known_at, {name: function(table.columns["close"])})

    return computed


def behind(rows):
    def computed(close):
        return np.concatenate([np.full(rows, np.nan), close])[: len(close)]

    return computed


def ahead(rows):
    def computed(close):
        return np.concatenate([close[rows:], np.full(min(rows, len(close)), np.nan)])

    return computed


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_look_ahead_is_named_with_row_and_distance(rows):
    found = look_ahead(of_close(ahead(rows), "peeping"), WORLD, seed=1, cuts=ROWS)

    assert [one.feature for one in found] == ["peeping"]
    # With a cut at every row but the outer ones, the first row that can be proven is the first
    # whose future lies behind a cut.
    assert found[0].row == max(0, 2 - rows)
    assert found[0].ahead <= rows
    assert f"expected peeping to know the past alone, found row {found[0].row}" in found[0].told


def test_the_past_may_be_known_and_a_horizon_may_be_declared():
    assert look_ahead(of_close(behind(0)), WORLD, seed=1) == ()
    assert look_ahead(of_close(behind(5)), WORLD, seed=1) == ()
    assert look_ahead(of_close(ahead(5)), WORLD, seed=1, horizon={"feature": 5}) == ()
    assert look_ahead(of_close(ahead(5)), WORLD, seed=1, horizon={"feature": 4}) != ()


def test_a_decision_inside_its_row_may_not_know_that_row():

    def asked(rows):
        return look_ahead(of_close(behind(rows)), WORLD, seed=1, horizon={"feature": -1})

    assert asked(1) == ()
    assert [one.feature for one in asked(0)] == ["feature"]


def test_only_the_column_that_looks_is_named():
    def computed(world):
        close = world["bars"].columns["close"]
        columns = {"good": behind(1)(close), "bad": ahead(1)(close), "fine": close}
        return Table(world["bars"].known_at, columns)

    assert [one.feature for one in look_ahead(computed, WORLD, seed=1)] == ["bad"]


def test_rows_that_appear_or_vanish_with_the_future_are_seen():
    """Decisions are dropped when the last close is high: which rows there are depends on it."""

    def computed(world):
        table = world["bars"]
        close = table.columns["close"]
        kept = close < close[-1]
        return Table(table.known_at[kept], {"chosen": close[kept]})

    def honest(world):
        table = world["bars"]
        close = table.columns["close"]
        kept = close < 100.0
        return Table(table.known_at[kept], {"chosen": close[kept]})

    assert [one.feature for one in look_ahead(computed, WORLD, seed=1)] == ["chosen"]
    assert look_ahead(honest, WORLD, seed=1) == ()


@pytest.mark.parametrize(
    "chosen",
    [
        # The three lowest closes of all: how many of them are past depends on the future.
        lambda close: np.sort(np.argsort(close, kind="stable")[:3]),
        # One early row always, but which one is for the last close to say.
        lambda close: np.array([0 if close[-1] > 100.0 else 1]),
        # Rows whose label is not known yet are dropped: the last ones are missing, no other moves.
        lambda close: np.arange(max(len(close) - 5, 0)),
    ],
    ids=["how many", "which", "the last"],
)
def test_rows_that_all_say_the_same_still_tell_by_being_there(chosen):
    def computed(world):
        table = world["bars"]
        rows = chosen(table.columns["close"])
        return Table(table.known_at[rows], {"entry": np.ones(len(rows))})

    assert [one.feature for one in look_ahead(computed, WORLD, seed=1)] == ["entry"]


def test_a_rare_look_ahead_is_found_with_cuts_at_every_row():
    def computed(close):
        found = close.copy()
        if len(close) > 51:
            found[50] = close[51]
        return found

    found = look_ahead(of_close(computed), WORLD, seed=1, cuts=ROWS)

    assert [(one.row, one.cut, one.ahead) for one in found] == [(50, 50, 1)]


def test_times_of_their_own_are_compared_not_row_numbers():
    """A figure of day 10 published on day 13: usable from day 13 on."""
    days = np.arange(30)
    world = {
        "days": table_of(days, close=np.arange(30.0)),
        "facts": table_of(days + 3, value=np.sqrt(days + 1.0)),
    }

    def joined(lag):
        def computed(given):
            facts = given["facts"]
            at = given["days"].known_at
            place = np.searchsorted(facts.known_at - lag, at, side="right") - 1
            values = facts.columns["value"]
            known = np.full(len(at), np.nan)
            known[place >= 0] = values[place[place >= 0]]
            return Table(at, {"fact": known})

        return computed

    assert look_ahead(joined(0), world, seed=1) == ()
    found = look_ahead(joined(3), world, seed=1, cuts=40)
    assert [one.feature for one in found] == ["fact"]
    assert found[0].ahead == 3


def test_a_computation_that_writes_into_its_input_harms_nobody():
    def computed(world):
        world["bars"].columns["close"][:] = 0.0
        return Table(world["bars"].known_at, {"zero": world["bars"].columns["close"]})

    before = WORLD["bars"].columns["close"].copy()

    assert look_ahead(computed, WORLD, seed=1) == ()
    assert (WORLD["bars"].columns["close"] == before).all()


@pytest.mark.parametrize("way", list(Way))
def test_every_way_leaves_the_past_and_changes_the_future(way):
    table = bars()
    found = perturbed(table, 120, way=way, keys=(), chance=np.random.default_rng(1))

    for name, values in table.columns.items():
        assert (found.columns[name][:121] == values[:121]).all()
        if way is Way.CUT:
            assert len(found.columns[name]) == 121
        else:
            assert (found.columns[name][121:] != values[121:]).any()
            assert (found.known_at == table.known_at).all()


def test_keys_keep_what_they_name():
    table = rows_of_bars(symbol=np.arange(20.0) % 3, close=np.arange(1.0, 21.0))
    for way in set(Way) - {Way.CUT}:
        found = perturbed(table, 9, way=way, keys=("symbol",), chance=np.random.default_rng(1))

        assert sorted(found.columns["symbol"]) == sorted(table.columns["symbol"])


def test_a_computation_that_answers_otherwise_each_time_is_refused():
    chance = np.random.default_rng(1)

    with pytest.raises(DataError, match="to be the same when asked twice, found another"):
        look_ahead(of_close(lambda close: close + chance.random()), WORLD, seed=1)


@pytest.mark.parametrize(
    ("computed", "world", "how", "said"),
    [
        (of_close(behind(0)), {}, {}, "expected 3 times or more in the world, found 0"),
        (of_close(behind(0)), {"bars": bars(rows=2)}, {}, "expected 3 times or more"),
        (of_close(lambda close: close[1:]), WORLD, {}, "expected feature of what was computed"),
        (of_close(lambda close: close[None]), WORLD, {}, "as one column, found 2 dimensions"),
        (lambda world: Table(world["bars"].known_at, {}), WORLD, {}, "expected a column or more"),
        (of_close(behind(0)), WORLD, {"cuts": 0}, "expected cuts as a whole number from 1"),
        (
            of_close(behind(0)),
            WORLD,
            {"horizon": {"x": 1}},
            "expected horizons of feature, found x",
        ),
    ],
)
def test_absurd_questions_are_refused_in_one_sentence(computed, world, how, said):
    with pytest.raises((DataError, KeyError), match="bars" if not world else said):
        look_ahead(computed, world, seed=1, **how)


def test_columns_that_come_and_go_are_refused():
    def computed(world):
        close = world["bars"].columns["close"]
        extra = {"late": close} if len(close) == ROWS else {}
        return Table(world["bars"].known_at, {"close": close, **extra})

    with pytest.raises(DataError, match="found late in one alone"):
        look_ahead(computed, WORLD, seed=1)


def test_tables_are_checked():
    with pytest.raises(DataError, match="expected close of the table with 2 rows, found 3"):
        table_of([1, 2], close=np.zeros(3))
    with pytest.raises(DataError, match="expected known_at as whole numbers"):
        table_of([1.5, 2.5], close=np.zeros(2))  # type: ignore[list-item]
    with pytest.raises(DataError, match="expected a column or more in the table, found none"):
        rows_of_bars()


# --- what is shipped -----------------------------------------------------------------------------

INDICATORS = sorted(
    name.rpartition(".")[2].replace("_", "-")
    for name in tree.modules()
    if name.startswith("hfl_core.indicators.")
    and not name.rpartition(".")[2].startswith("_")
    and name.rpartition(".")[2] != "catalogue"
)
# Column -> rows ahead that its own definition declares; everything else must know the past alone.
DECLARED = {"ichimoku": {"chikouSpan": 26}}


def indicator(name):
    function = find(name)
    assert function is not None
    needs_two = "benchmark" in inspect.signature(function).parameters

    def columns(table):
        return bars_of(**{key: table.columns[key] for key in ("high", "low", "close", "volume")})

    def computed(world):
        found = compute(
            name, columns(world["bars"]), benchmark=columns(world["market"]) if needs_two else None
        )
        return Table(world["bars"].known_at, found)

    return computed


TWO = {"bars": bars(), "market": bars(4)}


def test_every_file_of_the_indicators_is_asked():
    assert len(INDICATORS) == 32
    assert {"ichimoku", "stoch-rsi", "supertrend"} <= set(INDICATORS)


@pytest.mark.parametrize("name", INDICATORS)
def test_no_indicator_looks_ahead_but_where_it_says_so(name):
    declared = DECLARED.get(name, {})

    assert look_ahead(indicator(name), TWO, seed=5, horizon=declared, cuts=12) == ()


def test_the_one_that_says_so_is_seen_without_its_word():
    found = look_ahead(indicator("ichimoku"), TWO, seed=5, cuts=12)

    assert [one.feature for one in found] == ["chikouSpan"]
    assert look_ahead(indicator("ichimoku"), TWO, seed=5, cuts=99, horizon={"chikouSpan": 25}) != ()


FEATURES = {
    "sma": (5,),
    "ema": (5,),
    "rsi": (5,),
    "atr": (5,),
    "adx": (5,),
    "bollinger": (5, 2),
    "donchian": (5,),
    "roc": (5,),
    "momentum": (5,),
    "stdev": (5,),
    "volatility": (5,),
    "macd": (3, 6, 4),
    "regime": (20, 5, 1, 2),
}


def live(name):
    """Return every output of a feature of the live step, pushed bar by bar."""

    def computed(world):
        table = world["bars"]
        feature = features.make(FeatureSpec(name, FEATURES[name], outputs(name)[0]))
        high, low, close = (table.columns[key] for key in ("high", "low", "close"))
        kind = type(feature)
        rows = []
        for row in range(len(close)):
            if kind.INPUTS == CLOSE:
                feature.push(float(close[row]))  # type: ignore[attr-defined]
            else:
                assert kind.INPUTS == HLC
                feature.push(float(high[row]), float(low[row]), float(close[row]))  # type: ignore[attr-defined]
            values = [getattr(feature, output) for output in kind.OUTPUTS]
            rows.append(values if feature.is_ready else [math.nan] * len(values))
        found = np.array(rows).T
        return Table(table.known_at, dict(zip(kind.OUTPUTS, found, strict=True)))

    return computed


def outputs(name):
    found: tuple[str, ...] = features._feature_class(name).OUTPUTS
    return found


def test_every_file_of_the_live_features_is_asked():
    files = {
        name.rpartition(".")[2]
        for name in tree.modules()
        if name.startswith("hfl_core.features.") and not name.rpartition(".")[2].startswith("_")
    }

    assert files - {"base", "catalogue"} == set(FEATURES)


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_no_live_feature_looks_ahead(name):
    assert look_ahead(live(name), WORLD, seed=5, cuts=6) == ()
