"""A change is shown before it is made, lowered limits hold at once, raised ones a day later.

And nothing is half done.
"""

# The room under test speaks of paths as text.
# ruff: noqa: PTH102, PTH208

import os
from pathlib import Path

import pytest

from hfl_config import diff
from hfl_config.create import create_home
from hfl_config.diff import RAISE_DELAY_S, differences, load_effective
from hfl_config.load import load_text
from hfl_config.paths import HomePaths, resolve
from hfl_core.domain.errors import ConfigError

NOW = 1_700_000_000 * 1_000_000_000
DAY = RAISE_DELAY_S * 1_000_000_000
LOSS = "[risk.limits]\ndaily_loss_fraction_max = {}\n"


@pytest.fixture
def paths(tmp_path: Path) -> HomePaths:
    made = resolve({"HFL_HOME": str(tmp_path / "home")})
    create_home(made)
    Path(made.config_file).write_text(LOSS.format("0.01"))
    return made


def write(paths: HomePaths, text: str) -> str:
    file = Path(paths.config, "candidate.toml")
    file.write_text(text)
    return str(file)


def apply(paths: HomePaths, text: str, now_ns: int = NOW) -> diff.Applied:
    candidate = write(paths, text)
    token = diff.plan(paths, candidate, now_ns=now_ns).token
    return diff.apply(paths, candidate, token=token, now_ns=now_ns)


def daily_loss(paths: HomePaths, now_ns: int) -> str:
    effective, _ = load_effective(paths, now_ns=now_ns)
    return str(effective.limits.daily_loss_fraction_max)


def test_lowered_limit_holds_at_once(paths: HomePaths):
    applied = apply(paths, LOSS.format("0.005"))

    assert [(change.key, change.is_risk_raised) for change in applied.changes] == [
        ("risk.limits.daily_loss_fraction_max", False)
    ]
    assert daily_loss(paths, NOW) == "0.005"


def test_raised_limit_holds_a_day_later_and_not_before(paths: HomePaths):
    applied = apply(paths, LOSS.format("0.03"))

    assert applied.changes[0].effective_from_ns == NOW + DAY
    assert daily_loss(paths, NOW) == "0.01"
    assert daily_loss(paths, NOW + DAY - 1) == "0.01"
    assert daily_loss(paths, NOW + DAY) == "0.03"


def test_what_waits_is_listed(paths: HomePaths):
    apply(paths, LOSS.format("0.03"))

    _, waiting = load_effective(paths, now_ns=NOW)
    _, later = load_effective(paths, now_ns=NOW + DAY)

    assert [(item.key, item.old, item.new) for item in waiting] == [
        ("risk.limits.daily_loss_fraction_max", '"0.01"', '"0.03"')
    ]
    assert later == ()


def test_applying_again_does_not_restart_the_wait(paths: HomePaths):
    apply(paths, LOSS.format("0.03"))
    apply(paths, LOSS.format("0.03") + "positions_max = 1\n", NOW + DAY // 2)

    assert daily_loss(paths, NOW + DAY) == "0.03"


def test_raising_further_starts_the_wait_anew(paths: HomePaths):
    apply(paths, LOSS.format("0.03"))
    apply(paths, LOSS.format("0.04"), NOW + DAY // 2)

    assert daily_loss(paths, NOW + DAY) == "0.01"
    assert daily_loss(paths, NOW + DAY + DAY // 2) == "0.04"


def test_lowering_while_waiting_ends_the_wait(paths: HomePaths):
    apply(paths, LOSS.format("0.03"))
    apply(paths, LOSS.format("0.008"), NOW + 1)

    assert daily_loss(paths, NOW + 1) == "0.008"
    assert diff.read_pending(paths) == ()


def test_editing_the_file_by_hand_does_not_shorten_the_wait(paths: HomePaths):
    apply(paths, LOSS.format("0.03"))
    Path(paths.config_file).write_text(LOSS.format("0.05"))

    assert daily_loss(paths, NOW + 1) == "0.01"


def test_other_profile_holds_back_what_it_raises(paths: HomePaths):
    apply(paths, '[risk]\nprofile = "pro"\n')

    now, _ = load_effective(paths, now_ns=NOW)
    later, _ = load_effective(paths, now_ns=NOW + DAY)

    assert (now.limits.positions_max, later.limits.positions_max) == (2, 30)
    assert str(now.limits.risk_per_trade_fraction) == "0.0025"
    assert str(now.limits.drawdown_fraction_max) == "0.1"


def test_token_of_another_difference_is_refused(paths: HomePaths):
    candidate = write(paths, LOSS.format("0.005"))
    token = diff.plan(paths, candidate, now_ns=NOW).token
    write(paths, LOSS.format("0.9"))

    with pytest.raises(ConfigError, match="expected the token that `config diff` shows"):
        diff.apply(paths, candidate, token=token, now_ns=NOW)
    assert Path(paths.config_file).read_text() == LOSS.format("0.01")


def test_token_stays_good_while_a_person_reads(paths: HomePaths):
    candidate = write(paths, LOSS.format("0.03"))
    token = diff.plan(paths, candidate, now_ns=NOW).token

    applied = diff.apply(paths, candidate, token=token, now_ns=NOW + 3_600_000_000_000)

    assert applied.changes[0].effective_from_ns == NOW + 3_600_000_000_000 + DAY


def test_backup_holds_the_former_settings(paths: HomePaths):
    first = apply(paths, LOSS.format("0.005"))
    second = apply(paths, LOSS.format("0.004"))

    assert Path(first.backup).read_text() == LOSS.format("0.01")
    assert Path(second.backup).read_text() == LOSS.format("0.005")
    assert not [name for name in os.listdir(paths.config) if name.endswith(".new")]


def test_broken_candidate_changes_nothing(paths: HomePaths):
    candidate = write(paths, "[risk.limits]\ndaily_los = 1\n")

    with pytest.raises(ConfigError, match=r"candidate.toml, line 2: expected a known key"):
        diff.check(candidate)
    with pytest.raises(ConfigError, match=r"candidate.toml, line 2: expected a known key"):
        diff.plan(paths, candidate, now_ns=NOW)
    assert Path(paths.config_file).read_text() == LOSS.format("0.01")


def test_crash_between_the_two_writes_changes_nothing(paths: HomePaths):
    """Only the waiting limits were written: the settings still ask for the old value."""
    apply(paths, LOSS.format("0.03"))
    Path(paths.config_file).write_text(LOSS.format("0.01"))

    assert daily_loss(paths, NOW) == "0.01"
    assert daily_loss(paths, NOW + DAY) == "0.01"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version":1,"held":[{}]}', "[" * 99999])
def test_spoilt_waiting_list_is_one_sentence(paths: HomePaths, content: str):
    Path(paths.pending_file).write_text(content)

    with pytest.raises(ConfigError, match="expected the waiting limits as written in"):
        load_effective(paths, now_ns=NOW)


def test_folder_that_cannot_be_written_is_one_sentence(paths: HomePaths):
    os.mkdir(paths.pending_file + ".new")

    with pytest.raises(ConfigError, match=r"expected to write the settings in .*nothing was taken"):
        apply(paths, LOSS.format("0.005"))
    assert Path(paths.config_file).read_text() == LOSS.format("0.01")


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
    assert changes[0].effective_from_ns == (NOW + DAY if is_raised else None)


def test_equal_configurations_do_not_differ():
    text = "[risk.limits]\ndaily_loss_fraction_max = {}\n"

    assert (
        differences(
            load_text(text.format("0.01"), "a").config, load_text(text.format("1e-2"), "b").config
        )
        == ()
    )
