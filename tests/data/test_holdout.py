"""A holdout is spent once, variants are counted once, and nobody changes that unnoticed."""

import json
import math
import multiprocessing

import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_data import ledger as module
from hfl_data.holdout import holdout_of, is_spent, spend
from hfl_data.ledger import Ledger
from hfl_data.tried import record_variant, tried

DAY = 86_400_000_000_000
CLOSES = [10.0, 11.0, 10.5, 12.0]
NOON = 1_700_000_000_000_000_000


def days(first, count):
    return [day * DAY for day in range(first, first + count)]


def kept(first=0, *, series="SPY 1d", closes=CLOSES):
    return holdout_of(series, days(first, len(closes)), {"close": closes})


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "backtests" / "research.jsonl")


def test_a_holdout_is_spent_once(ledger):
    assert not is_spent(ledger, kept())
    spend(ledger, kept(), by="trend 20/50", at_ns=NOON)

    assert is_spent(ledger, kept())
    with pytest.raises(
        DataError,
        match=r"expected a holdout of SPY 1d that nobody has seen, found it spent by trend 20/50"
        r" on 2023-11-14 22:13 UTC: keep other rows$",
    ):
        spend(ledger, kept(), by="another", at_ns=NOON + 1)
    assert len(ledger.entries()) == 1


def test_one_row_more_or_less_does_not_make_it_new(ledger):
    spend(ledger, kept(100), by="one", at_ns=NOON)

    for first in (97, 98, 102, 103):
        with pytest.raises(DataError, match="found it spent by one"):
            spend(ledger, kept(first, closes=[1.0, 2.0, 3.0, 4.0]), by="two", at_ns=NOON)
    spend(ledger, kept(96, closes=[1.0, 2.0, 3.0, 4.0]), by="two", at_ns=NOON)
    spend(ledger, kept(104, closes=[1.0, 2.0, 3.0, 5.0]), by="two", at_ns=NOON)


def test_another_name_does_not_make_it_new(ledger):
    spend(ledger, kept(), by="one", at_ns=NOON)

    with pytest.raises(DataError, match="found it spent by one"):
        spend(ledger, kept(series="spy daily"), by="two", at_ns=NOON)
    spend(ledger, kept(series="QQQ 1d", closes=[1.0, 2.0]), by="two", at_ns=NOON)


def test_content_is_what_it_holds_and_not_how_it_is_held():
    lists = holdout_of("x", days(0, 4), {"close": CLOSES, "volume": [1, 2, 3, 4]})
    arrays = holdout_of(
        "x", np.array(days(0, 4)), {"volume": np.arange(1.0, 5.0), "close": np.array(CLOSES)}
    )

    assert lists == arrays
    assert kept(closes=[10.0, 11.0, 10.5, 12.000001]).content != kept().content
    assert holdout_of("x", days(0, 4), {"open": CLOSES}).content != kept().content


def spend_in_a_process(path, number, answers):
    try:
        spend(Ledger(path), kept(), by=f"process {number}", at_ns=NOON)
    except DataError:
        answers.put("refused")
    else:
        answers.put("spent")


@pytest.mark.process
def test_of_many_processes_one_spends_it(ledger):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [
        context.Process(target=spend_in_a_process, args=(ledger.path, number, answers))
        for number in range(4)
    ]
    for process in processes:
        process.start()
    told = sorted(answers.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(timeout=60)

    assert told == ["refused"] * 3 + ["spent"]
    assert len(ledger.entries()) == 1


def test_a_ledger_held_by_another_is_refused_after_a_while(ledger, monkeypatch):
    monkeypatch.setattr(module, "WAIT_S", 0.05)

    with (
        ledger.writing(),
        pytest.raises(DataError, match="found another process writing to it"),
    ):
        spend(Ledger(ledger.path), kept(), by="two", at_ns=NOON)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace("one", "two"), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: ["not json", *lines[1:]],
        lambda lines: ["[]", *lines[1:]],
        lambda lines: ["{}", *lines[1:]],
    ],
)
def test_a_changed_ledger_is_refused_in_one_sentence(ledger, change):
    for number in range(3):
        spend(ledger, kept(number * 10, closes=[number, 1.0]), by="one", at_ns=NOON)
    lines = ledger.path.read_text().splitlines()
    ledger.path.write_text("".join(line + "\n" for line in change(lines)))

    for ask in (ledger.entries, lambda: spend(ledger, kept(500), by="x", at_ns=NOON)):
        with pytest.raises(DataError, match=r"expected line \d of .* as it was written"):
            ask()


@pytest.mark.parametrize("torn", [1, 20, -1])
def test_a_line_torn_by_a_crash_was_never_answered_for(ledger, torn):
    spend(ledger, kept(0), by="one", at_ns=NOON)
    first = ledger.path.read_bytes()
    spend(ledger, kept(50, closes=[5.0]), by="one", at_ns=NOON)
    second = ledger.path.read_bytes()[len(first) :]
    ledger.path.write_bytes(first + second[:torn])

    assert len(ledger.entries()) == 1
    spend(ledger, kept(50, closes=[5.0]), by="two", at_ns=NOON)
    assert [entry.facts["by"] for entry in ledger.entries()] == ["one", "two"]
    assert json.loads(ledger.path.read_text().splitlines()[1])["facts"]["by"] == "two"


def test_a_disk_that_takes_nothing_leaves_the_holdout_unspent(ledger, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="found No space left on device: make room"):
        spend(ledger, kept(), by="one", at_ns=NOON)
    monkeypatch.undo()

    assert ledger.entries() == ()
    spend(ledger, kept(), by="two", at_ns=NOON)


def test_variants_count_once_and_keep_their_first_result(ledger):
    def tell(study, sharpe, **parameters):
        return record_variant(
            ledger, study=study, parameters=parameters, sharpe_per_period=sharpe, at_ns=NOON
        )

    assert tell("trend on BTC", 0.05, fast=20, slow=50) == 1
    assert tell("trend on BTC", 0.01, fast=10, slow=50) == 2
    assert tell("trend on BTC", 0.99, slow=50, fast=20) == 2
    assert tell("trend on ETH", 0.02, fast=20, slow=50) == 1
    spend(ledger, kept(), by="trend", at_ns=NOON)

    assert tried(ledger, "trend on BTC") == (0.05, 0.01)
    assert tried(ledger, "nothing") == ()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda _: holdout_of("", days(0, 1), {"close": [1.0]}), "expected a series, rows and"),
        (lambda _: holdout_of("x", [], {"close": []}), "found 'x', 0 rows and 1 columns"),
        (lambda _: holdout_of("x", days(0, 2), {}), "found 'x', 2 rows and 0 columns"),
        (lambda _: holdout_of("x", [2, 1], {"close": [1.0, 2.0]}), "ascending order"),
        (lambda _: holdout_of("x", [1, 1], {"close": [1.0, 2.0]}), "ascending order"),
        (lambda _: holdout_of("x", [1, 2], {"close": [1.0]}), "expected close of x with 2 rows"),
        (lambda one: spend(one, kept(), by="", at_ns=0), "expected the name of what is judged"),
        (
            lambda one: record_variant(
                one, study="", parameters={}, sharpe_per_period=0.0, at_ns=0
            ),
            "expected the name of a study",
        ),
        (
            lambda one: record_variant(
                one, study="x", parameters={}, sharpe_per_period=math.nan, at_ns=0
            ),
            "expected a Sharpe ratio per period, found nan",
        ),
        (
            lambda one: record_variant(
                one, study="x", parameters={"a": math.inf}, sharpe_per_period=0.0, at_ns=0
            ),
            "expected finite parameters",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_sentence(ledger, call, said):
    with pytest.raises(DataError, match=said):
        call(ledger)
    assert not ledger.path.exists()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "research.jsonl").mkdir()

    with pytest.raises(DataError, match=r"expected to read .*jsonl, found Is a directory"):
        is_spent(Ledger(tmp_path / "research.jsonl"), kept())


def test_a_ledger_beyond_all_use_is_refused(ledger, monkeypatch):
    spend(ledger, kept(), by="one", at_ns=NOON)
    monkeypatch.setattr(module, "BYTES_MAX", 100)

    with pytest.raises(DataError, match=r"below 100 bytes, found \d+: move it aside"):
        spend(ledger, kept(90), by="two", at_ns=NOON)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DataError, match=r"expected to write .*research\.jsonl, found"):
        spend(Ledger(tmp_path / "file" / "research.jsonl"), kept(), by="x", at_ns=0)
