"""Symbol, timeframe and class come from the path, the class else from the caller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass
from hfl_data.names import read_name


@pytest.mark.parametrize("asset_class", list(AssetClass))
def test_the_folder_names_the_class_whatever_is_passed(asset_class):
    name = read_name(f"some/{asset_class}/GOOG-bt_1mo.csv", AssetClass.FOREX)

    assert (name.symbol, name.frame.name, name.asset_class) == ("GOOG-bt", "1mo", asset_class)


def test_the_class_that_is_passed_stands_in_for_another_folder():
    assert read_name("defects/X_Y_5m.parquet", AssetClass.CRYPTO)[::2] == (
        "X_Y",
        AssetClass.CRYPTO,
    )


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("crypto/BTC.parquet", "expected a file named SYMBOL_TIMEFRAME"),
        ("crypto/_1h.parquet", "expected a file named SYMBOL_TIMEFRAME"),
        ("crypto/BTC_hourly.parquet", "expected a timeframe such as 1m"),
        ("defects/BTC_1h.parquet", "pass --class"),
        ("BTC_1h.parquet", "pass --class"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_sentence(path, sentence):
    with pytest.raises(DataError, match=sentence):
        read_name(path, None)


@given(path=st.text())
def test_any_path_is_read_or_refused(path):
    try:
        name = read_name(path, AssetClass.STOCKS)
    except DataError:
        return

    assert name.symbol in path
