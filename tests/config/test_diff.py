"""A change is shown before it is made, what lowers risk holds at once, what raises it a day later.

And nothing is half done.
"""

# The room under test speaks of paths as text.
# ruff: noqa: PTH102, PTH208

import os
from pathlib import Path

import pytest

from hfl_config import diff
from hfl_config.create import create_home
from hfl_config.diff import HOUR_NS, differences, load_effective
from hfl_config.load import load_text
from hfl_config.paths import HomePaths, resolve
from hfl_core.domain.errors import ConfigError

NOW = 1_700_000_000 * 1_000_000_000
DAY = 24 * HOUR_NS
AGE = "[gateway]\nprice_age_max_s = {}\n"


@pytest.fixture
def paths(tmp_path: Path) -> HomePaths:
    made = resolve({"HFL_HOME": str(tmp_path / "home")})
    create_home(made)
    Path(made.config_file).write_text(AGE.format("60"))
    return made


def write(paths: HomePaths, text: str) -> str:
    file = Path(paths.config, "candidate.toml")
    file.write_text(text)
    return str(file)


def apply(paths: HomePaths, text: str, now_ns: int = NOW) -> diff.Applied:
    candidate = write(paths, text)
    token = diff.plan(paths, candidate, now_ns=now_ns).token
    return diff.apply(paths, candidate, token=token, now_ns=now_ns)


def price_age(paths: HomePaths, now_ns: int) -> str:
    effective, _ = load_effective(paths, now_ns=now_ns)
    return str(effective.config.gateway.price_age_max_s)


def test_lowered_limit_holds_at_once(paths: HomePaths):
    applied = apply(paths, AGE.format("30"))

    assert [(change.key, change.is_risk_raised) for change in applied.changes] == [
        ("gateway.price_age_max_s", False)
    ]
    assert price_age(paths, NOW) == "30"


def test_raised_limit_holds_a_day_later_and_not_before(paths: HomePaths):
    applied = apply(paths, AGE.format("90"))

    assert applied.changes[0].effective_from_ns == NOW + DAY
    assert price_age(paths, NOW) == "60"
    assert price_age(paths, NOW + DAY - 1) == "60"
    assert price_age(paths, NOW + DAY) == "90"


def test_what_waits_is_listed(paths: HomePaths):
    apply(paths, AGE.format("90"))

    _, waiting = load_effective(paths, now_ns=NOW)
    _, later = load_effective(paths, now_ns=NOW + DAY)

    assert [(item.key, item.old, item.new) for item in waiting] == [
        ("gateway.price_age_max_s", '"60"', '"90"')
    ]
    assert later == ()


def test_applying_again_does_not_restart_the_wait(paths: HomePaths):
    apply(paths, AGE.format("90"))
    apply(paths, AGE.format("90") + "orders_per_minute_max = 1\n", NOW + DAY // 2)

    assert price_age(paths, NOW + DAY) == "90"


def test_raising_further_starts_the_wait_anew(paths: HomePaths):
    apply(paths, AGE.format("90"))
    apply(paths, AGE.format("120"), NOW + DAY // 2)

    assert price_age(paths, NOW + DAY) == "60"
    assert price_age(paths, NOW + DAY + DAY // 2) == "120"


def test_lowering_while_waiting_ends_the_wait(paths: HomePaths):
    apply(paths, AGE.format("90"))
    apply(paths, AGE.format("40"), NOW + 1)

    assert price_age(paths, NOW + 1) == "40"
    assert diff.read_pending(paths) == ()


def test_editing_the_file_by_hand_does_not_shorten_the_wait(paths: HomePaths):
    apply(paths, AGE.format("90"))
    Path(paths.config_file).write_text(AGE.format("300"))

    assert price_age(paths, NOW + 1) == "60"


def test_limits_are_left_to_the_engine_whatever_waits_here(paths: HomePaths):
    applied = apply(paths, '[risk]\nprofile = "pro"\nraise_delay_h = 1\n')
    raised = {change.key for change in applied.changes if change.is_risk_raised}

    assert {"risk.limits.positions_max", "risk.raise_delay_h"} <= raised
    assert "risk.limits.risk_per_trade_fraction" not in raised
    assert {change.effective_from_ns for change in applied.changes} == {None}
    assert diff.read_pending(paths) == ()
    assert load_effective(paths, now_ns=NOW)[0].limits.positions_max == 30


def test_the_wait_is_that_of_the_settings_before(paths: HomePaths):
    apply(paths, "[risk]\nraise_delay_h = 2\n")
    applied = apply(paths, "[risk]\nraise_delay_h = 1\n" + AGE.format("90"), NOW + 1)

    dues = {change.key: change.effective_from_ns for change in applied.changes}
    assert dues["gateway.price_age_max_s"] == NOW + 1 + 2 * HOUR_NS


def test_token_of_another_difference_is_refused(paths: HomePaths):
    candidate = write(paths, AGE.format("30"))
    token = diff.plan(paths, candidate, now_ns=NOW).token
    write(paths, AGE.format("900"))

    with pytest.raises(ConfigError, match="expected the token that `config diff` shows"):
        diff.apply(paths, candidate, token=token, now_ns=NOW)
    assert Path(paths.config_file).read_text() == AGE.format("60")


def test_token_stays_good_while_a_person_reads(paths: HomePaths):
    candidate = write(paths, AGE.format("90"))
    token = diff.plan(paths, candidate, now_ns=NOW).token

    applied = diff.apply(paths, candidate, token=token, now_ns=NOW + 3_600_000_000_000)

    assert applied.changes[0].effective_from_ns == NOW + 3_600_000_000_000 + DAY


def test_backup_holds_the_former_settings(paths: HomePaths):
    first = apply(paths, AGE.format("30"))
    second = apply(paths, AGE.format("20"))

    assert Path(first.backup).read_text() == AGE.format("60")
    assert Path(second.backup).read_text() == AGE.format("30")
    assert not [name for name in os.listdir(paths.config) if name.endswith(".new")]


def test_broken_candidate_changes_nothing(paths: HomePaths):
    candidate = write(paths, "[risk.limits]\ndaily_los = 1\n")

    with pytest.raises(ConfigError, match=r"candidate.toml, line 2: expected a known key"):
        diff.check(candidate)
    with pytest.raises(ConfigError, match=r"candidate.toml, line 2: expected a known key"):
        diff.plan(paths, candidate, now_ns=NOW)
    assert Path(paths.config_file).read_text() == AGE.format("60")


def test_crash_between_the_two_writes_changes_nothing(paths: HomePaths):
    """Only the waiting limits were written: the settings still ask for the old value."""
    apply(paths, AGE.format("90"))
    Path(paths.config_file).write_text(AGE.format("60"))

    assert price_age(paths, NOW) == "60"
    assert price_age(paths, NOW + DAY) == "60"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version":1,"held":[{}]}', "[" * 99999])
def test_spoilt_waiting_list_is_one_sentence(paths: HomePaths, content: str):
    Path(paths.pending_file).write_text(content)

    with pytest.raises(ConfigError, match="expected the waiting limits as written in"):
        load_effective(paths, now_ns=NOW)


def test_folder_that_cannot_be_written_is_one_sentence(paths: HomePaths):
    os.mkdir(paths.pending_file + ".new")

    with pytest.raises(ConfigError, match=r"expected to write the settings in .*nothing was taken"):
        apply(paths, AGE.format("30"))
    assert Path(paths.config_file).read_text() == AGE.format("60")


# (before, after, is more risk allowed)
RAISES = {
    "short selling": ("", "[instruments.symbols.SPY]\nmay_short = true\n", True),
    "no short selling": ("", "[instruments.symbols.EUR-USD]\nmay_short = false\n", False),
    "leverage": ("", "[instruments.classes.forex]\nmargin_fraction = 0.05\n", True),
    "less leverage": (
        "[instruments.classes.forex]\nmargin_fraction = 0.05\n",
        "[instruments.classes.forex]\nmargin_fraction = 0.5\n",
        False,
    ),
    "a class's own value repeated": ("", "[instruments.symbols.SPY]\nmay_short = false\n", False),
    "older intents": ("", "[gateway]\nintent_age_max_s = 50\n", True),
    "shorter pause between orders": ("", "[gateway]\nrepeat_throttle_s = 0.5\n", True),
    "nearer stop": ("", "[risk.limits]\natr_stop_multiple = 1\n", True),
    "wider stop": ("", "[risk.limits]\natr_stop_multiple = 3\n", False),
    "another day": ("", '[risk.limits]\nperiod_zone = "Asia/Tokyo"\n', True),
    "resuming alone": (
        '[operator]\npolicy = "none"\n',
        '[operator]\npolicy = "next-period"\n',
        True,
    ),
    "equal currencies": ("", '[account]\nequal_currencies = [["USDC","USD"]]\n', True),
    "smallest raise": (
        "",
        "[risk.limits]\ndrawdown_fraction_max = 0.1000000000000000000001\n",
        True,
    ),
    "strategy": ("", "[strategy.parameters]\nfast = 3\n", False),
    "speed": ("", "[feed]\nspeed = 3\n", False),
}


@pytest.mark.parametrize("case", RAISES)
def test_raises_of_risk_are_told_apart(case: str):
    before, after, is_raised = RAISES[case]
    changes = differences(load_text(before, "a").config, load_text(after, "b").config, now_ns=NOW)

    assert [change.is_risk_raised for change in changes] == [is_raised]
    is_here = is_raised and not changes[0].is_limit
    assert changes[0].effective_from_ns == (NOW + DAY if is_here else None)


def test_equal_configurations_do_not_differ():
    text = "[risk.limits]\ndaily_loss_fraction_max = {}\n"

    assert (
        differences(
            load_text(text.format("0.01"), "a").config, load_text(text.format("1e-2"), "b").config
        )
        == ()
    )
