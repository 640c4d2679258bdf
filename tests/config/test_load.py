"""What is accepted is complete and comes back from the journal as it was.

What is not ends in one sentence.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from hfl_config.load import default_text, load, load_blob, load_text, require_paper
from hfl_core.domain.errors import ConfigError
from hfl_core.domain.limits import limits_hash

# The plan's figures: (risk per trade from, to, open risk, drawdown, assets).
PLAN = {
    "sandbox": ("0.005", "0.005", "0.05", "0.10", 2),
    "small": ("0.0025", "0.01", "0.10", "0.10", 10),
    "grow": ("0.0025", "0.0075", "0.15", "0.10", 25),
    "pro": ("0.0025", "0.005", "0.20", "0.15", 30),
}


@pytest.mark.parametrize("profile", PLAN)
def test_profiles_hold_the_plans_figures(profile: str):
    limits = load(settings=[f"risk.profile={profile}"]).limits
    risk, risk_max, open_risk, drawdown, positions = PLAN[profile]

    assert limits.profile == profile
    assert limits.risk_per_trade_fraction == Decimal(risk)
    assert limits.risk_per_trade_fraction_max == Decimal(risk_max)
    assert limits.open_risk_fraction_max == Decimal(open_risk)
    assert limits.drawdown_fraction_max == Decimal(drawdown)
    assert limits.positions_max == positions
    assert limits.daily_loss_fraction_max == Decimal("0.02")
    assert limits.weekly_loss_fraction_max == Decimal("0.05")
    assert limits.monthly_loss_fraction_max == Decimal("0.10")
    assert limits.gross_exposure_fraction_max == 1
    assert limits.period_zone == "UTC"


def test_later_layers_win():
    text = '[risk]\nprofile = "small"\n[risk.limits]\ndaily_loss_fraction_max = 0.015\n'

    limits = load_text(text, "my.toml").limits
    changed = load_text(text, "my.toml", settings=["risk.limits.daily_loss_fraction_max=0.01"])

    assert limits.daily_loss_fraction_max == Decimal("0.015")
    assert limits.positions_max == 10
    assert changed.limits.daily_loss_fraction_max == Decimal("0.01")


def test_recorded_configuration_comes_back_equal():
    text = (
        '[strategy]\nname = "trend"\n'
        'parameters = { fast = 20, share = 0.5, text = "0.5", on = true }\n'
        '[strategy.per_symbol]\n"BRK.B" = { share = 1.50 }\n'
        '[instruments.symbols.ABC]\ntick = 0.050\nasset_class = "stocks"\n[feed]\nspeed = 60.0\n'
    )
    first = load_text(text, "my.toml")
    second = load_blob(first.blob)

    assert second == first
    assert second.config.strategy.parameters == {
        "fast": 20,
        "share": Decimal("0.5"),
        "text": "0.5",
        "on": True,
    }
    assert type(second.config.strategy.parameters["on"]) is bool
    assert second.filled == ()


def test_equal_numbers_written_differently_have_one_hash():
    texts = [
        "daily_loss_fraction_max = 0.01",
        "daily_loss_fraction_max = 1e-2",
        "daily_loss_fraction_max = 0.0100",
    ]
    found = [load_text(f"[risk.limits]\n{text}\n", "my.toml") for text in texts]

    assert len({item.sha256 for item in found}) == 1
    assert len({limits_hash(item.limits) for item in found}) == 1


def test_blob_of_an_older_version_is_filled_and_says_so():
    blob = load().blob.replace(b',"snapshot_inputs":1000', b"")
    assert blob != load().blob

    again = load_blob(blob)

    assert again.filled == ("engine.snapshot_inputs",)
    assert again.config == load().config


def test_symbols_removed_from_a_recorded_configuration_do_not_come_back():
    blob = b'{"instruments":{"symbols":{}}}'

    assert load_blob(blob).config.instruments.symbols == {}


def test_maps_that_are_merged_are_empty_by_default():
    """Else `load_blob` would add today's defaults to what was recorded."""
    config = load().config

    assert config.strategy.parameters == {}
    assert config.strategy.per_symbol == {}


def test_relative_paths_of_a_file_are_meant_from_the_file(tmp_path: Path):
    file = tmp_path / "my.toml"
    file.write_text('[feed]\nsource = "csv"\npaths = ["bars/A_1d.csv", "/b/B_1d.csv"]\n')

    assert load(str(file)).config.feed.paths == (str(tmp_path / "bars/A_1d.csv"), "/b/B_1d.csv")


def test_missing_file_is_skipped_or_refused(tmp_path: Path):
    missing = str(tmp_path / "none.toml")

    assert load(missing) == load()
    with pytest.raises(
        ConfigError, match=r"expected a settings file at .*none.toml, found none: run"
    ):
        load(missing, is_required=True)


def test_unlimited_is_for_backtests_only():
    with pytest.raises(ConfigError, match='found "unlimited" in mode "paper"'):
        load(settings=["risk.profile=unlimited"])
    backtest = load(settings=["risk.profile=unlimited", "mode=backtest"]).config
    with pytest.raises(ConfigError, match='expected mode "paper" for `hfl run`'):
        require_paper(backtest)
    require_paper(load().config)


# (text, what the sentence must say)
BAD = {
    "misspelt key": (
        "[risk.limits]\ndaily_los_fraction_max = 0.01\n",
        (
            "my.toml, line 2: expected a known key, found risk.limits.daily_los_fraction_max: "
            "write risk.limits.daily_loss_fraction_max"
        ),
    ),
    "key in the wrong section": (
        "[risk]\ndaily_loss_fraction_max = 0.01\n",
        (
            "line 2: expected a known key, found risk.daily_loss_fraction_max: "
            "write risk.limits.daily_loss_fraction_max"
        ),
    ),
    "unknown section": ("[xyzzy]\na = 1\n", "line 1: expected a known key, found xyzzy: remove it"),
    "misspelt key of a symbol": (
        '\n[instruments.symbols]\n"ABC" = { tik = 1 }\n',
        (
            "line 3: expected a known key, found instruments.symbols.ABC.tik: "
            "write instruments.symbols.ABC.tick"
        ),
    ),
    "text for a number": (
        '[account]\ncash_start = "1000"\n',
        'line 2: expected account.cash_start as .* above 0 .*, found the text "1000": correct',
    ),
    "number for a text": ("[account]\nname = 3\n", "expected account.name as 1 to 32 .*, found 3"),
    "yes for a number": ("[engine]\nsnapshot_inputs = true\n", "whole number .*, found true"),
    "fraction for a count": (
        "[risk.limits]\npositions_max = 2.5\n",
        "positions_max as a whole number from 1 to 1000, found 2.5",
    ),
    "negative": ("[risk.limits]\ndaily_loss_fraction_max = -0.01\n", "above 0 .*, found -0.01"),
    "per cent for fraction": ("[risk.limits]\ndaily_loss_fraction_max = 2\n", "at most 1.*found 2"),
    "not a number": ("[risk.limits]\ndaily_loss_fraction_max = nan\n", "line 2.*found NaN"),
    "infinite": ("[risk.limits]\nposition_fraction_max = inf\n", "line 2.*found Infinity"),
    "monstrous": ("[account]\ncash_start = 1e999999999\n", "line 2.*found 1E.999999999"),
    "a date": ("[account]\nname = 2020-01-01\n", "found 2020-01-01"),
    "a table for a value": ("[feed.speed]\nx = 1\n", "expected feed.speed as .*, found a table"),
    "a value for a table": ("risk = 1\n", "line 1: expected risk as a table, found 1"),
    "not TOML": ("[risk\n", "expected TOML in my.toml, found .*line 1"),
    "twice": ("mode = 'paper'\nmode = 'paper'\n", "expected TOML in my.toml, found .*line 2"),
    "unknown profile": ('[risk]\nprofile = "yolo"\n', 'line 2.*"grow" or "pro" .*"yolo"'),
    "live": ('mode = "live"\n', "no live trading in this version.*found the text"),
    "zone": ('[risk.limits]\nperiod_zone = "Mars"\n', 'a time zone .*found the text "Mars"'),
    "zone that is a folder": ('[risk.limits]\nperiod_zone = "America"\n', "a time zone"),
    "zone that is a path": ('[risk.limits]\nperiod_zone = "/etc/passwd"\n', "a time zone"),
    "timeframe": ('[feed]\ntimeframe = "3x"\n', "a timeframe such as .*3x"),
    "too fine": ("[instruments.classes.crypto]\nlot = 1e-9\n", r"tick x lot of at least 10\^-12"),
    "no files": ('[feed]\nsource = "parquet"\n', "at least one file in feed.paths"),
    "files for nothing": ('[feed]\npaths = ["a.csv"]\n', '"parquet" or "csv" with feed.paths'),
    "risk above its maximum": (
        "[risk.limits]\nrisk_per_trade_fraction = 0.02\n",
        "risk_per_trade_fraction of at most risk_per_trade_fraction_max, found 0.02 above 0.005",
    ),
    "parameter as a table": (
        "[strategy.parameters]\nfast = { a = 1 }\n",
        "line 2: expected strategy.parameters.fast as ",
    ),
    "parameter name": ('[strategy.parameters]\n"a b" = 1\n', "expected a name such as"),
    "account that leaves its folder": ('[account]\nname = "../x"\n', "characters of a-z"),
    "account with a line end": ('[account]\nname = "main\\n"\n', "characters of a-z"),
    "desk": ('[engine]\ndesks = ["oracle"]\n', "'banker', 'investor' or 'market', found"),
    "half a pair": ('[account]\nequal_currencies = [["USD"]]\n', "equal_currencies"),
    "nested too deeply": ("a = " + "[" * 50 + "]" * 50, "levels of nesting"),
    "nested far too deeply": ("a = " + "[" * 50_000 + "]" * 50_000, "expected TOML in my.toml"),
    "a number of 5000 digits": ("[engine]\nsnapshot_inputs = " + "9" * 5000, "expected TOML"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_end_in_one_sentence(case: str):
    text, sentence = BAD[case]

    with pytest.raises(ConfigError, match=sentence) as raised:
        load_text(text, "my.toml")

    assert "\n" not in str(raised.value)
    assert "expected" in str(raised.value)
    assert "found" in str(raised.value)


@pytest.mark.parametrize("setting", ["", "x", "=1", "a b=1", "risk.profile", "a\nb=1"])
def test_bad_assignments_end_in_one_sentence(setting: str):
    with pytest.raises(ConfigError, match="expected --set KEY=VALUE"):
        load(settings=[setting])


def test_an_assignment_cannot_smuggle_a_second_one():
    with pytest.raises(ConfigError, match=r"risk.profile as"):
        load(settings=['risk.profile="small"\nmode="backtest"'])


def test_file_that_is_not_text_is_one_sentence(tmp_path: Path):
    file = tmp_path / "my.toml"
    file.write_bytes(b"mode = '\xff'\n")

    with pytest.raises(
        ConfigError, match=r"expected UTF-8 text in .*, found another byte at position 8"
    ):
        load(str(file))


def test_folder_in_place_of_the_file_is_one_sentence(tmp_path: Path):
    with pytest.raises(ConfigError, match="expected a settings file at"):
        load(str(tmp_path))


def test_huge_file_is_one_sentence(tmp_path: Path):
    file = tmp_path / "my.toml"
    file.write_bytes(b"#" * (1 << 21))

    with pytest.raises(ConfigError, match="at most 1048576 bytes"):
        load(str(file))


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"x":1}',
        b'{"mode":"live"}',
        b'{"mode":"\\ud800"}',
    ],
)
def test_blob_that_is_no_configuration_is_one_sentence(blob: bytes):
    with pytest.raises(ConfigError, match="expected"):
        load_blob(blob)


def test_shipped_settings_name_every_section():
    text = default_text()
    for section in (
        "account",
        "feed",
        "strategy",
        "risk",
        "venue",
        "gateway",
        "engine",
        "operator",
    ):
        assert f"[{section}]" in text
