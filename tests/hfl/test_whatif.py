"""What if: history itself when nothing changes, modelled against modelled when something does."""

import json

import pytest


def whatif(hfl, folder, *words):
    code, out, err = hfl("whatif", *words, "--home", str(folder), "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_no_change_equals_history_exactly(made, hfl):
    told = whatif(hfl, made.folder)

    assert told["equal"] is True
    assert told["pairs"] == 700 * 3
    assert told["events"] > 100


def test_setting_the_recorded_value_is_no_change(made, hfl):
    told = whatif(hfl, made.folder, "--set", "engine.entry_score_min=0.1")

    assert told["equal"] is True


def test_in_process_history_has_no_drift(made, hfl):
    """The same modelled venue made the journal: it must repeat it to the last digit."""
    told = whatif(hfl, made.folder, "--set", "strategy.parameters.fast=10")

    assert told["drift"]["equity"] == "0"
    assert told["drift"]["first_difference"] is None
    assert told["recorded"]["equity"] == told["modelled_recorded_plan"]["equity"]
    assert told["first_difference"]["before"] != told["first_difference"]["after"]
    assert told["recorded"]["fills_are"] == "recorded"
    assert told["modelled_changed_plan"]["fills_are"] == "modelled"


def test_entries_beyond_reach_leave_no_order(made, hfl):
    told = whatif(hfl, made.folder, "--set", "engine.entry_score_min=1.1")

    changed = told["modelled_changed_plan"]
    assert (changed["orders"], changed["fills"], changed["profit"]) == (0, 0, "0")
    assert changed["counts"]["SIGNAL_WEAK"] > 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("nonsense", "expected KEY=VALUE"),
        ("feed.speed=1", "expected a setting that only decides"),
        ("risk.limits.nope=1", "expected a limit out of"),
        ("risk.limits.positions_max=1.5", "as a whole number"),
        ("risk.limits.drawdown_fraction_max=7", "drawdown_fraction_max"),
        ("engine.entry_score_min=nan", "as a finite number"),
        ("operator.policy=maybe", "next-period or none"),
        ("strategy.per_symbol.NOPE.fast=3", "expected a watched symbol"),
        ("strategy.name=nope", "expected the name of a strategy"),
    ],
)
def test_bad_settings_are_one_sentence(made, hfl, setting, said):
    code, out, err = hfl("whatif", "--set", setting, "--home", str(made.folder))

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
