"""The truth runner on folders of its own, and on the real one where it is there."""

import json
import math

import pytest

from tests.truth.__main__ import main
from tests.truth.cases import read, read_all
from tests.truth.runner import MISSED, NOT_IMPLEMENTED, PASSED, UNREADABLE, lines_of, run

VAR = {"returns": [1.0, 2.0], "cutoff": 0.5, "method": "in words"}


def case(name, function, inputs, expected, **more):
    tolerance = {"abs": 1e-9}
    return {
        "id": name,
        "function": function,
        "input": inputs,
        "expected": expected,
        "tolerance": tolerance,
        **more,
    }


def folder(tmp_path, **files):
    (tmp_path / "truth").mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "truth" / f"{name}.json").write_text(text)
    return tmp_path


def cases(*listed, **more):
    return {"about": "a folder of our own", "cases": list(listed), **more}


def test_every_function_of_every_file_gets_its_line(tmp_path):
    root = folder(
        tmp_path,
        a=cases(
            case("1", "value_at_risk", VAR, 1.5),
            case("2", "hit_rate", {"trade_pnls": [1, -1]}, 0.5),
            case("3", "value_at_risk", VAR | {"cutoff": 0.0}, 1.0),
        ),
        b=cases(case("4", "value_at_risk", VAR, 1.6)),
    )

    lines = run(root)

    assert [
        (line.file, line.function, line.cases, line.passed, line.verdict) for line in lines
    ] == [
        ("a.json", "value_at_risk", 2, 2, PASSED),
        ("a.json", "hit_rate", 1, 1, PASSED),
        ("b.json", "value_at_risk", 1, 0, MISSED),
    ]
    assert lines[2].worst.deviation == pytest.approx(0.1)
    assert lines[2].misses == ("4: expected 1.6, found 1.5",)


def test_an_unknown_function_is_said_and_not_passed(tmp_path, monkeypatch, capsys):
    root = folder(tmp_path, a=cases(case("1", "crystal_ball", {}, 1.0)))
    monkeypatch.setenv("HFL_TRUTH_ROOT", str(root))

    code = main([])

    assert code == 1
    assert [line.verdict for line in run(root)] == [NOT_IMPLEMENTED]
    assert "crystal_ball" in capsys.readouterr().out


def test_optional_cases_and_references_are_never_a_pass_or_a_miss(tmp_path):
    wrong = case("2", "value_at_risk", VAR, 99.0, optional=True)
    root = folder(
        tmp_path,
        a=cases(case("1", "value_at_risk", VAR, 1.5), wrong, reference_only=[wrong | {"id": "3"}]),
    )

    assert [(line.cases, line.verdict) for line in run(root)] == [(1, PASSED)]


@pytest.mark.parametrize(
    "content", ["{", "[]", {"about": "nothing"}, {"cases": []}, {"cases": [{"id": 1}]}]
)
def test_a_file_without_usable_cases_fails(tmp_path, content):
    root = folder(tmp_path, good=cases(case("1", "value_at_risk", VAR, 1.5)), odd=content)

    good, odd = run(root)

    assert good.verdict == PASSED
    assert (odd.file, odd.verdict) == ("odd.json", UNREADABLE)
    assert odd.misses[0].startswith("expected ")


@pytest.mark.parametrize(
    "inputs",
    [{"returns": [1.0]} | {"colour": "red"}, {"cutoff": 0.5}, {"returns": "much", "cutoff": 0.5}],
)
def test_inputs_that_do_not_fit_are_a_miss_with_a_sentence(tmp_path, inputs):
    root = folder(tmp_path, a=cases(case("1", "value_at_risk", inputs, None)))

    (line,) = run(root)

    assert line.verdict == MISSED
    assert line.misses[0].startswith("1: ")


def test_the_table_says_who_passed_and_ends_with_0(tmp_path, monkeypatch, capsys):
    root = folder(
        tmp_path,
        a=cases(
            case("1", "value_at_risk", VAR, 1.5),
            case("2", "sharpe_ratio", {"returns": [], "periods_per_year": 252}, None),
            case("3", "sharpe_ratio", {"returns": [1, 1], "periods_per_year": 4}, "inf"),
        ),
    )
    monkeypatch.setenv("HFL_TRUTH_ROOT", str(root))

    code = main([])

    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert said[0].split("  ")[0] == "file"
    assert [line.split()[:4] for line in said[1:3]] == [
        ["a.json", "value_at_risk", "1", "1"],
        ["a.json", "sharpe_ratio", "2", "2"],
    ]
    assert said[-1] == "3 of 3 cases pass."


def test_a_folder_without_cases_is_no_pass(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HFL_TRUTH_ROOT", str(tmp_path))

    assert main([]) == 1
    assert "found none: set HFL_TRUTH_ROOT" in capsys.readouterr().out


def test_the_references_of_the_real_folder_are_left_out(shared_root):
    found = {one.name: len(one.cases) for one in read_all(shared_root)}

    assert found["backtests.json"] == 21
    assert found["fill_scenarios.json"] == 31
    assert sum(found.values()) >= 127


def test_scenarios_with_a_fixed_stop_and_target_are_met_and_the_rest_is_said(shared_root):
    (line,) = lines_of(read(shared_root / "truth" / "fill_scenarios.json"), shared_root)

    missed = {miss.partition(":")[0]: miss.partition(": ")[2] for miss in line.misses}
    assert (line.verdict, line.cases, line.passed) == (NOT_IMPLEMENTED, 31, 10)
    assert all(fault.startswith("not implemented: the engine") for fault in missed.values())
    built = ["0", "2", "6", "7", "13", "14", "15", "25", "26", "27"]
    assert not {f"ft-tc{number}" for number in built} & set(missed)


def test_one_file_can_be_run_alone(tmp_path):
    good = cases(case("1", "value_at_risk", VAR, 1.5))
    root = folder(tmp_path, a=good, b=good)

    assert [line.file for line in run(root, only=frozenset({"b.json"}))] == ["b.json"]


@pytest.mark.parametrize(
    "name",
    [
        "backtests.json",
        "indicators_published.json",
        "indicators_talib.json",
        "metrics_published.json",
        "metrics_real_series.json",
    ],
)
def test_all_published_figures_are_met(shared_root, name):
    lines = list(lines_of(read(shared_root / "truth" / name), shared_root))

    assert [miss for line in lines for miss in line.misses] == []
    assert {line.verdict for line in lines} == {PASSED}
    assert all(math.isfinite(line.worst.share) for line in lines)
