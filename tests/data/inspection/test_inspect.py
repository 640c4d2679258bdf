"""Reading for an inspection: windows, order, CSV, and what is no file of bars."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from hfl_core.domain.errors import DataError
from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection import table
from hfl_data.inspection.check import all_checks
from hfl_data.inspection.finding import Severity
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.several import Refused, choose, inspect_all
from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import clean, findings, rows, scaled, without, write

PRICES = ("open", "high", "low", "close")


def messy(market: str, seed: int):
    """A series with a defect of nearly every kind."""
    series = without(clean(market, seed), [20, 21, 150])
    series = scaled(series, slice(60, 63), 100.0)
    series = scaled(series, slice(180, None), 0.5)
    series["close"][100] *= 1.5
    series["high"][100] = max(series["high"][100], series["close"][100])
    series["low"][110] = 0.0
    series["volume"][120] = 0.0
    series["open"][130] = np.nan
    for name in PRICES:
        series[name][140:149] = series["close"][139]
    series["volume"][140:149] = 7.0
    order = np.arange(len(series["ts"]))
    order[[160, 161, 5, 190]] = order[[161, 160, 190, 5]]
    return {name: column[order] for name, column in series.items()}


@pytest.mark.parametrize("market", ["crypto 1h", "stocks 1d"])
@pytest.mark.parametrize("window", [1, 7, 64, 199])
def test_the_findings_do_not_depend_on_the_windows(market, window, tmp_path, monkeypatch):
    path = write(messy(market, 1), market, tmp_path)
    whole = inspect(path, Asked())
    assert len(whole.findings) >= 9

    monkeypatch.setattr(table, "WINDOW_ROWS", window)
    apart = inspect(path, Asked())

    # As text, where NaN equals NaN.
    assert repr(apart.findings) == repr(whole.findings)


def test_a_csv_file_gives_what_its_parquet_gives(tmp_path):
    path = write(messy("crypto 1h", 2), "crypto 1h", tmp_path)
    as_csv = path.with_suffix(".csv")
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select strftime(make_timestamp(epoch_us(ts)), '%Y-%m-%dT%H:%M:%SZ') as ts, "
            f"open, high, low, close, volume from '{path}') to '{as_csv}' (header)"
        )

    assert repr(inspect(as_csv, Asked()).findings) == repr(inspect(path, Asked()).findings)


def test_a_file_without_readable_rows_in_order_is_left_as_it_was(tmp_path):
    path = write(messy("crypto 1h", 3), "crypto 1h", tmp_path)
    before = path.read_bytes()

    inspect(path, Asked())

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_one_row_is_inspected_without_a_word(tmp_path):
    series = {name: column[:1] for name, column in clean("crypto 1h", 4).items()}

    assert inspect(write(series, "crypto 1h", tmp_path), Asked()).findings == ()


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_few_rows_raise_nothing(count, tmp_path):
    for market in ("crypto 1h", "stocks 1d", "forex 1h", "stocks 1m", "crypto 1mo"):
        series = {name: column[:count] for name, column in clean(market, 5).items()}
        assert findings(write(series, market, tmp_path)) == {}


def refusal(path: Path, asked: Asked | None = None) -> str:
    with pytest.raises(DataError) as caught:
        inspect(path, asked or Asked())
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_is_no_file_of_bars_is_one_sentence(tmp_path):
    good = write(clean("crypto 1h", 6), "crypto 1h", tmp_path)
    folder = good.parent
    empty = write({n: c[:0] for n, c in clean("crypto 1h", 6).items()}, "crypto 1h", tmp_path, "E")
    noise = folder / "NOISE_1h.parquet"
    noise.write_bytes(os.urandom(500))
    nothing = folder / "NOTHING_1h.parquet"
    nothing.write_bytes(b"")
    cut = folder / "CUT_1h.parquet"
    cut.write_bytes(good.read_bytes()[:-200])
    lacking = folder / "LACKING_1h.parquet"
    texts = folder / "TEXTS_1h.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select ts, open, high, low, close from '{good}') to '{lacking}'")
        connection.execute(f"copy (select * replace ([1] as ts) from '{good}') to '{texts}'")

    assert "found an empty table" in refusal(empty)
    for path in (noise, nothing, cut):
        assert "expected a readable Parquet file" in refusal(path)
    assert "found no volume" in refusal(lacking)
    assert "expected column ts" in refusal(texts)
    assert "found none: check the path" in refusal(folder / "GONE_1h.parquet")
    assert "expected a file named SYMBOL_TIMEFRAME" in refusal(folder / "x.parquet")
    assert "ending in .parquet or .csv" in refusal(folder / "AAA_1h.xlsx")


def test_times_that_cannot_be_read_at_all_are_refused(tmp_path):
    series = clean("crypto 1h", 7)
    series["ts"][:] = -(2**62)

    assert "found none that can be read" in refusal(write(series, "crypto 1h", tmp_path))


def test_an_exchange_nobody_knows_is_refused(tmp_path):
    path = write(clean("stocks 1d", 8), "stocks 1d", tmp_path)

    assert "expected an exchange among" in refusal(path, Asked(exchange="XXXX"))


def test_a_folder_gives_its_bars_and_counts_the_rest(tmp_path):
    one = write(clean("crypto 1h", 9), "crypto 1h", tmp_path)
    two = write(clean("stocks 1d", 9), "stocks 1d", tmp_path)
    (tmp_path / "notes.csv").write_text("a\n")
    (tmp_path / "readme.txt").write_text("a\n")
    other = tmp_path / "other" / "AAA_1h.parquet"
    other.parent.mkdir()
    other.write_bytes(one.read_bytes())

    chosen = choose([tmp_path, one])

    assert chosen.paths == (one, other, two)
    assert chosen.left_out == 1
    results = list(inspect_all(chosen.paths, Asked()))
    assert [isinstance(result, Refused) for result in results] == [False, True, False]
    assert isinstance(results[1], Refused)
    assert "pass --class" in results[1].reason
    named = list(inspect_all(chosen.paths, Asked(asset_class=AssetClass.CRYPTO)))
    assert [isinstance(result, Refused) for result in named] == [False, False, False]


def test_a_name_with_wildcards_is_read_literally(tmp_path):
    path = write(clean("crypto 1h", 10), "crypto 1h", tmp_path, "A[1]*?")
    write(clean("crypto 1d", 10), "crypto 1d", tmp_path, "A1")

    assert inspect(path, Asked()).survey.rows == 300


def test_every_code_is_told_once_and_says_what_to_do():
    codes = [code for kind in all_checks() for code in kind.codes]
    names = [code.name for code in codes]

    assert len(names) == len(set(names)) >= 30
    for code in codes:
        assert code.remedy.endswith(".")
        assert not code.what.endswith(".")
        assert code.severity in Severity


def test_the_gravest_findings_come_first(tmp_path):
    path = write(messy("crypto 1h", 11), "crypto 1h", tmp_path)

    found = [f.code.severity for f in inspect(path, Asked()).findings]

    assert found == sorted(found, key=list(Severity).index)
    assert inspect(path, Asked()).verdict == "error"


@pytest.mark.process
def test_memory_does_not_grow_with_the_file(tmp_path):
    """A file of two million mixed-up rows takes little more than one of two hundred thousand."""
    peaks = []
    for count in (200_000, 2_000_000):
        path = tmp_path / "crypto" / f"N{count}_1m.parquet"
        path.parent.mkdir(exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select make_timestamptz((1500000000 + 60 * n)::bigint * 1000000) as ts, "
                "100 + sin(n / 99.0) as open, 102 + sin(n / 99.0) as high, "
                "98 + sin(n / 99.0) as low, 100 + sin((n + 1) / 99.0) as close, "
                f"5.0 + n % 7 as volume from range({count}) t(n) order by n % 1000, n) "
                f"to '{path}' (format parquet)"
            )
        code = (
            "import resource, sys; from pathlib import Path\n"
            "from hfl_data.inspection.inspect import inspect\n"
            "from hfl_data.inspection.subject import Asked\n"
            "r = inspect(Path(sys.argv[1]), Asked())\n"
            "assert [f.code.name for f in r.findings] == ['disorder'], r.findings\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True, text=True, timeout=200, check=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))

    assert peaks[1] < peaks[0] + 500


def test_rows_out_of_order_are_told_by_their_place_in_the_file(tmp_path):
    series = clean("crypto 1h", 12)
    order = np.arange(len(series["ts"]))
    order[[70, 71]] = [71, 70]
    path = write({name: column[order] for name, column in series.items()}, "crypto 1h", tmp_path)

    found = findings(path)

    assert rows(found) == {"disorder": [71]}
    assert found["disorder"].places[0].time_ns == int(series["ts"][70])
