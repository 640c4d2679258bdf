"""`hfl risk self-test`: every bad order is refused by its check, and a hole is found and told."""

import json

import pytest

from hfl.cli import main
from hfl.selftest import CASES, self_test
from hfl.verb import DIFFERENT, DONE
from hfl_config.load import load_text
from hfl_core.gateway.gateway import Gateway
from hfl_core.gateway.latch import MemoryLatch

# case -> where and by what it is refused, under the shipped sandbox profile
REFUSED_BY = {
    "no stop": "gate: trade_risk",
    "past the gate": "seal: approval",
    "size": "seal: approval",
    "size: position": "gate: position_cap",
    "size: all": "gate: gross_exposure",
    "size: risk": "gate: open_risk",
    "size: number": "gate: positions_max",
    "gap": "gate: gap",
    "correlated": "gate: correlation",
    "price": "gate: price_collar",
    "busy hour": "gate: order_rate",
    "breaker": "gate: breakers",
    "NaN": "seal: approval",
    "infinite": "seal: approval",
    "no equity": "gate: buying_power",
    "currency": "gate: currency",
    "stale price": "gate: price_age",
    "day's loss": "gate: daily_loss",
    "week's loss": "gate: weekly_loss",
    "month's loss": "gate: monthly_loss",
    "drawdown": "gate: drawdown",
    "old intent": "gateway: intent_age",
    "old price": "gateway: price_age",
    "other limits": "gateway: limits_hash",
    "unknown order": "gateway: unknown_order",
    "rate": "gateway: throttle",
    "repeated": "gateway: throttle",
    "killed": "gateway: latch",
    "paused": "gateway: latch",
    "unarmed": "gateway: latch",
    "no latch": "gateway: latch",
    "stop in between": "gateway: latch",
    "two daemons": "gateway: run_lock",
}


@pytest.fixture
def home(hfl_home, capsys):
    main(["init"])
    capsys.readouterr()
    return hfl_home


def test_every_bad_order_is_refused_by_the_check_that_is_meant_for_it():
    loaded = load_text("", "config.toml")
    control, results = self_test(loaded, loaded.limits)

    assert control is None
    assert {
        one.name: f"{one.refused.where}: {one.refused.check}" for one in results if one.refused
    } == REFUSED_BY
    assert [one.reached_venue for one in results] == [0] * len(CASES)
    assert all(one.refused.detail for one in results if one.refused)


@pytest.mark.parametrize("profile", ["sandbox", "small", "grow", "pro"])
def test_no_profile_lets_a_bad_order_through(profile: str):
    loaded = load_text(f'[risk]\nprofile = "{profile}"\n', "config.toml")
    control, results = self_test(loaded, loaded.limits)

    assert control is None
    assert [one.name for one in results if not one.is_refused] == []


def test_the_verb_says_so_and_touches_nothing_of_the_home(home, capsys):
    before = sorted(str(path) for path in home.rglob("*"))

    assert main(["risk", "self-test"]) == DONE
    said = capsys.readouterr().out
    assert main(["risk", "self-test", "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)

    assert f"all {len(CASES)} bad orders were refused" in said
    assert max(len(line) for line in said.splitlines()) <= 80
    assert told["ok"] is True
    assert {case["case"] for case in told["cases"]} == set(REFUSED_BY)
    assert sorted(str(path) for path in home.rglob("*")) == before


def test_a_gateway_that_checks_nothing_is_found(home, capsys, monkeypatch):
    monkeypatch.setattr(Gateway, "_entry_refusal", lambda *_: None)

    assert main(["risk", "self-test", "--json"]) == DIFFERENT
    told = json.loads(capsys.readouterr().out)

    assert told["ok"] is False
    through = {case["case"]: case["reached_venue"] for case in told["cases"] if not case["refused"]}
    assert set(through) >= {"old intent", "old price", "other limits", "unknown order", "rate"}
    assert set(through.values()) == {1}


def test_a_latch_that_lets_everything_pass_is_found(home, capsys, monkeypatch):
    monkeypatch.setattr(MemoryLatch, "begin_call", lambda *_: None)

    assert main(["risk", "self-test"]) == DIFFERENT
    said = capsys.readouterr().out

    assert "FAILED: 5 let through: killed, paused, unarmed, no latch, stop in between" in said


def test_limits_under_which_nothing_passes_prove_nothing_and_say_so(home, capsys):
    (home / "config" / "config.toml").write_text("[gateway]\norders_per_minute_max = 1\n")
    assert main(["risk", "self-test"]) == DONE
    capsys.readouterr()
    loaded = load_text("[risk.limits]\nposition_fraction_max = 0.0000000001\n", "config.toml")

    control, _ = self_test(loaded, loaded.limits)

    assert control is not None
    assert control.check == "position_cap"
