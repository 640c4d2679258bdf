"""Every file of the shared market data has an instrument whose ticks carry its prices."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from hfl_config.instruments import same_or_account, terms_of, to_instrument
from hfl_config.load import load
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.instruments import AssetClass, VolumeKind
from hfl_core.domain.money import exact_from_float

CLASSES = {each.value for each in AssetClass}
# Classes a user would name for files whose folder says none.
NAMED = {"EUROSTOXX50_5m": "indices", "FB_1d": "stocks", "WMI_1d": "stocks"}
# Half a tick of a price that was not written in ticks: adjusted histories and mid prices.
ERROR_FRACTION_MAX = 0.001


def test_known_symbols_have_their_own_steps():
    config = load().config
    bitcoin = to_instrument(config, "BTC-USDT")

    assert (bitcoin.tick, bitcoin.lot) == (Decimal("0.01"), Decimal("0.00001"))
    assert bitcoin.asset_class is AssetClass.CRYPTO
    assert bitcoin.may_short is False
    assert to_instrument(config, "ETH-USDT").group == bitcoin.group == "crypto-majors"
    assert to_instrument(config, "USD-JPY").tick == Decimal("0.001")
    assert to_instrument(config, "EUR-USD").volume is VolumeKind.NONE
    assert to_instrument(config, "EUR-USD").depth_lots > 0
    assert to_instrument(config, "EUR-USD").may_short is True


def test_unknown_symbols_have_their_classs_steps():
    config = load().config

    assert to_instrument(config, "ZZZ", "stocks").tick == Decimal("0.01")
    assert to_instrument(config, "PEPE-USDT", "crypto").tick == Decimal("0.00000001")


def test_symbol_without_class_is_one_sentence():
    with pytest.raises(
        ConfigError, match=r"expected a class out of .*, found none for ZZZ: name it"
    ):
        to_instrument(load().config, "ZZZ")
    with pytest.raises(ConfigError, match="found 'defects'"):
        to_instrument(load().config, "ZZZ", "defects")
    with pytest.raises(ConfigError, match="BASE-QUOTE such as BTC-USDT, found ZZZ"):
        to_instrument(load().config, "ZZZ", "crypto")


def test_currencies_are_equal_only_where_declared():
    declared = load().config
    strict = load(settings=["account.equal_currencies=[]"]).config
    euro = load(settings=["account.currency=EUR"]).config

    assert to_instrument(declared, "BTC-USDT").currency == "USD"
    assert terms_of(declared, "BTC-USDT").quote_currency == "USDT"
    assert to_instrument(strict, "BTC-USDT").currency == "USDT"
    assert to_instrument(euro, "BTC-USDT").currency == "USDT"
    assert same_or_account(declared, "JPY") == "JPY"


def test_user_terms_lie_over_the_class():
    config = load(
        settings=["instruments.symbols.SPY.lot=0.5", "instruments.classes.stocks.notional_min=7"]
    )
    fund = to_instrument(config.config, "SPY")

    assert (fund.lot, fund.notional_min, fund.tick) == (Decimal("0.5"), 7, Decimal("0.01"))


def test_every_shared_file_opens_with_prices_near_the_real_ones(shared_root: Path):
    duckdb = pytest.importorskip("duckdb")
    config = load().config
    files = sorted((shared_root / "market").glob("*/*.parquet"))
    seen = 0
    for file in files:
        match = re.fullmatch(r"(.+)_(\d+(?:mo|[mhdw]))", file.stem)
        folder = file.parent.name
        if match is None or folder == "indicator_ref":
            continue
        name = folder if folder in CLASSES else NAMED.get(file.stem, "crypto")
        instrument = to_instrument(config, match[1], name)
        query = f"select close from read_parquet('{file}') where close > 0 and isfinite(close)"
        rows = duckdb.sql(f"select min(close), max(close), median(close) from ({query})").fetchall()
        for price in rows[0]:
            near = exact_from_float(price, instrument.tick)
            assert abs(float(near) - price) <= ERROR_FRACTION_MAX * price, (file.name, price)
            assert near > 0
        seen += 1

    assert seen >= 40
