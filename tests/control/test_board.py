"""The board: bounded, written whole or not at all, read tolerantly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfl_core.control import board
from hfl_core.control.board import BYTES_MAX, Board, BoardState, encode, read

STATE = BoardState(
    pid=7,
    run="r1",
    seq=12,
    phase="idle",
    wall_ns=5,
    marks={"BTC-USDT": "100.5"},
    ages={"feed": 1.5},
    gauges={"drawdown": 0.01},
)


def test_board_reads_back_as_it_was_written(tmp_path):
    path = str(tmp_path / "b.json")

    assert Board(path).write(STATE, now_s=0.0)
    assert read(path) == STATE
    assert [one.name for one in tmp_path.iterdir()] == ["b.json"]


def test_board_is_written_at_most_four_times_a_second(tmp_path):
    writer = Board(str(tmp_path / "b.json"))

    written = [writer.write(STATE, now_s=100 + n * 0.01) for n in range(101)]

    assert 4 <= sum(written) <= 5
    assert writer.write(STATE, now_s=101.001, is_last=True)


def test_board_never_exceeds_its_size_and_counts_what_it_dropped(tmp_path):
    marks = {f"SYMBOL-{n:05}": "1234567.89" for n in range(10_000)}
    state = BoardState(pid=1, run="r", seq=1, phase="idle", wall_ns=0, marks=marks)

    body = encode(state)
    fields = json.loads(body)

    assert len(body) <= BYTES_MAX
    assert len(fields["marks"]) + fields["dropped"] == 10_000
    assert len(fields["marks"]) > 500


def test_board_that_cannot_fit_raises():
    state = BoardState(pid=1, run="r" * BYTES_MAX, seq=1, phase="idle", wall_ns=0)

    with pytest.raises(ValueError, match="at most"):
        encode(state)


def test_number_that_is_not_finite_raises():
    state = BoardState(pid=1, run="r", seq=1, phase="idle", wall_ns=0, ages={"x": float("nan")})

    with pytest.raises(ValueError):
        encode(state)


def test_missing_board_is_none(tmp_path):
    assert read(str(tmp_path / "none.json")) is None
    assert read(str(tmp_path)) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(tmp_path_factory, body):
    path = tmp_path_factory.getbasetemp() / "noise.json"
    path.write_bytes(body)

    assert read(str(path)) is None


@given(st.integers(0, 400))
def test_torn_board_is_none(tmp_path_factory, length):
    path = tmp_path_factory.getbasetemp() / "torn.json"
    whole = encode(STATE)
    path.write_bytes(whole[: min(length, len(whole) - 1)])

    assert read(str(path)) is None


@pytest.mark.parametrize(
    "change",
    [{"pid": "7"}, {"seq": None}, {"seq": True}, {"run": 3}, {"phase": []}, {"wall_ns": 1.5}],
)
def test_board_with_a_wrong_type_is_none(tmp_path, change):
    path = tmp_path / "b.json"
    path.write_text(json.dumps({**json.loads(encode(STATE)), **change}))

    assert read(str(path)) is None


def test_unknown_keys_and_odd_marks_are_skipped(tmp_path):
    path = tmp_path / "b.json"
    fields = {**json.loads(encode(STATE)), "new": 1, "marks": {"A": 1, "B": "2"}, "ages": []}
    path.write_text(json.dumps(fields))

    state = read(str(path))

    assert state is not None
    assert state.marks == {"B": "2"}
    assert state.ages == {}


def test_board_longer_than_its_bound_is_not_read(tmp_path):
    path = tmp_path / "b.json"
    path.write_bytes(encode(STATE) + b" " * board.BYTES_MAX)

    assert read(str(path)) is None
