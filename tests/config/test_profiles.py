"""The four profiles hold the plan's figures, and a slip of the keyboard cannot weaken them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_config.load import load_text
from hfl_config.model import LimitsSection
from hfl_core.domain.errors import ConfigError

PROFILES = ("sandbox", "small", "grow", "pro")
# limit -> what the plan says for each of its four phases, in per cent unless it is a number.
PLAN = {
    "risk_per_trade_fraction_max": ("0.5", "1", "0.75", "0.5"),
    "open_risk_fraction_max": ("5", "10", "15", "20"),
    "drawdown_fraction_max": ("10", "10", "10", "15"),
    "daily_loss_fraction_max": ("2", "2", "2", "2"),
    "weekly_loss_fraction_max": ("5", "5", "5", "5"),
    "monthly_loss_fraction_max": ("10", "10", "10", "10"),
    "correlation_max": ("30", "30", "30", "30"),
    "sector_fraction_max": ("20", "20", "20", "20"),
}
# The range of the plan: sizing aims at its careful end, and the sandbox has one figure only.
RISK_AIMED_AT = ("0.5", "0.25", "0.25", "0.25")
ASSETS_MAX = (2, 10, 25, 30)
CORRELATION_DAYS = 60
FRACTIONS = sorted(name for name in LimitsSection.model_fields if "fraction" in name)
NAMES = sorted(LimitsSection.model_fields)


def limits(profile: str):
    return load_text(f'[risk]\nprofile = "{profile}"\n', "a").limits


def sentence(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(text, "config.toml")
    return str(caught.value)


@pytest.mark.parametrize("name", PLAN)
def test_each_profile_has_the_plans_figure(name: str):
    found = [getattr(limits(profile), name) for profile in PROFILES]

    assert found == [Decimal(percent) / 100 for percent in PLAN[name]]


def test_sizing_aims_at_the_careful_end_of_the_plans_range():
    found = [limits(profile).risk_per_trade_fraction for profile in PROFILES]

    assert found == [Decimal(percent) / 100 for percent in RISK_AIMED_AT]


def test_each_profile_holds_as_many_positions_as_the_plan_has_assets():
    assert tuple(limits(profile).positions_max for profile in PROFILES) == ASSETS_MAX
    assert {limits(profile).correlation_days for profile in PROFILES} == {CORRELATION_DAYS}


def test_a_users_figure_replaces_the_profiles_and_no_other():
    own = load_text('[risk]\nprofile = "pro"\n[risk.limits]\ncorrelation_max = 0.2\n', "a").limits

    assert str(own.correlation_max) == "0.2"
    assert own.drawdown_fraction_max == limits("pro").drawdown_fraction_max


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("slip", ["drop", "double", "swap"])
def test_a_misspelt_limit_is_refused_and_the_right_one_named(name: str, slip: str):
    middle = len(name) // 2
    wrong = {
        "drop": name[:middle] + name[middle + 1 :],
        "double": name[:middle] + name[middle] + name[middle:],
        "swap": name[:middle] + name[middle + 1] + name[middle] + name[middle + 2 :],
    }[slip]
    if wrong == name:  # a swap of two equal letters
        wrong = name[:-1]

    said = sentence(f"[risk.limits]\n{wrong} = 0.01\n")

    assert said.startswith("config.toml, line 2: expected a known key, found risk.limits.")
    assert f"write risk.limits.{name}, or remove it" in said


@given(st.sampled_from(NAMES), st.integers(0, 40), st.sampled_from("abcxyz_0"))
def test_no_single_slip_of_a_limits_name_is_taken(name: str, at: int, letter: str):
    wrong = name[: at % len(name)] + letter + name[at % len(name) :]
    if wrong not in NAMES:
        assert "expected a known key" in sentence(f"[risk.limits]\n{wrong} = 0.01\n")


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("daily_loss_fraction_max", "2", "0.02"),
        ("drawdown_fraction_max", "15", "0.15"),
        ("risk_per_trade_fraction_max", "1.5", "0.015"),
        ("rapid_loss_fraction_max", "2", "0.02"),
    ],
)
def test_per_cent_in_place_of_a_fraction_is_refused_with_what_was_meant(
    name: str, written: str, meant: str
):
    said = sentence(f"[risk.limits]\n{name} = {written}\n")

    assert said.startswith(f"config.toml, line 2: expected risk.limits.{name} as a fraction")
    assert f"found {written}: write {meant} for {written} per cent" in said


@pytest.mark.parametrize(
    "name",
    [
        "risk_per_trade_fraction_max",
        "open_risk_fraction_max",
        "drawdown_fraction_max",
        "daily_loss_fraction_max",
        "weekly_loss_fraction_max",
        "monthly_loss_fraction_max",
    ],
)
def test_one_in_place_of_one_per_cent_would_be_no_limit_and_is_refused(name: str):
    both = f"open_risk_fraction_max = 1\n{name} = 1\n" if name.startswith("risk") else f"{name} = 1"

    said = sentence(f"[risk.limits]\n{both}\n")

    assert "outside backtests (0.01 is one per cent), found 1" in said
    assert load_text(
        'mode = "backtest"\n[risk]\nprofile = "unlimited"\n', "a"
    ).limits.drawdown_fraction_max == Decimal(1)


@pytest.mark.parametrize("name", FRACTIONS)
@pytest.mark.parametrize("bad", ["-0.01", "nan", "inf", '"0.02"', "true"])
def test_what_is_no_fraction_is_one_sentence(name: str, bad: str):
    said = sentence(f"[risk.limits]\n{name} = {bad}\n")

    assert "config.toml" in said
    assert "expected" in said
    assert "\n" not in said
