"""Real files and their real defects: the rows that the list beside the data tells of."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hfl_core.domain.instruments import AssetClass
from hfl_data.inspection.finding import Finding, Severity
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked

CLASSES = {
    "BTC-USD-gemini_1h": AssetClass.CRYPTO,
    "BTC-USDT-cdd_1h": AssetClass.CRYPTO,
    "UNITTEST-BTC_1m": AssetClass.CRYPTO,
    "EUROSTOXX50_5m": AssetClass.INDICES,
}


def found(root: Path, name: str, **asked: object) -> dict[str, Finding]:
    path = root / "market" / f"{name}.parquet"
    asset_class = CLASSES.get(path.stem, AssetClass.STOCKS)
    report = inspect(path, Asked(asset_class=asset_class, **asked))  # type: ignore[arg-type]
    return {finding.code.name: finding for finding in report.findings}


def days(finding: Finding) -> list[str]:
    moments = [datetime.fromtimestamp((place.time_ns or 0) / 1e9, UTC) for place in finding.places]
    return [f"{moment:%Y-%m-%d}" for moment in moments]


def test_apples_splits_are_listed_and_its_crash_is_none(shared_root):
    seen = found(shared_root, "stocks/AAPL_1d")

    assert days(seen["split_listed"]) == ["2000-06-21", "2005-02-28", "2014-06-09"]
    assert days(seen["jump"]) == ["2000-09-29"]
    assert "split_unadjusted" not in seen


def test_without_its_list_seven_for_one_is_an_error(shared_root, tmp_path):
    path = tmp_path / "stocks" / "AAPL_1d.parquet"
    path.parent.mkdir()
    path.write_bytes((shared_root / "market/stocks/AAPL_1d.parquet").read_bytes())

    seen = {f.code.name: f for f in inspect(path, Asked()).findings}

    assert days(seen["split_unadjusted"]) == ["2000-06-21", "2005-02-28", "2014-06-09"]
    ratio = dict(seen["split_unadjusted"].places[2].values)["ratio"]
    assert ratio == pytest.approx(7.0, rel=0.01)


def test_googles_wrong_print_is_a_spike_and_its_class_split_is_not_listed(shared_root):
    seen = found(shared_root, "stocks/GOOG_1d")

    assert days(seen["spike"]) == ["2008-09-30"]
    assert seen["spike"].places[0].note == "the close"
    assert days(seen["split_unadjusted"]) == ["2014-04-03"]


@pytest.mark.parametrize(
    ("name", "last", "first"),
    [("defects/FB_1d", "2003-03-28", "2012-05-18"), ("stocks/QQQ_1d", "2004-11-30", "2011-03-23")],
)
def test_a_ticker_that_was_used_again(shared_root, name, last, first):
    seen = found(shared_root, name)

    (place,) = seen["ticker_reuse"].places
    assert days(seen["ticker_reuse"]) == [last]
    assert f"{datetime.fromtimestamp((place.until_ns or 0) / 1e9, UTC):%Y-%m-%d}" == first
    assert seen["hole"].count == 1


def test_stamps_of_the_euro_index_are_bar_ends_of_local_time(shared_root):
    seen = found(shared_root, "defects/EUROSTOXX50_5m")

    assert {"bar_end_stamps", "time_zone", "no_volume"} == set(seen)
    assert "Europe/Berlin" in seen["time_zone"].evidence


def test_a_brokers_server_time_is_recognised(shared_root):
    seen = found(shared_root, "forex/EUR-USD_4h")

    assert "America/New_York +7 h" in seen["time_zone"].evidence
    assert "gap" not in seen


def test_an_exchanges_outages_are_counted(shared_root):
    seen = found(shared_root, "crypto/BTC-USDT_1h")

    assert (seen["gap"].count, seen["gap"].bars) == (27, 127)
    assert seen["zero_volume"].count == 3
    assert set(seen) == {"gap", "zero_volume"}


def test_mixed_units_make_duplicates(shared_root):
    seen = found(shared_root, "defects/BTC-USDT-cdd_1h")

    assert seen["duplicate_conflict"].count == 2649
    assert "mixed_time_units" in seen
    assert "newest_first" in seen
    assert "2017-08-17" in days(seen["spike"])


def test_two_archives_of_one_exchange_agree_but_for_broken_opens(shared_root):
    """Both are Binance's BTC-USDT; one has an impossible first open."""
    other = shared_root / "market/crypto/BTC-USDT_1h.parquet"
    seen = found(shared_root, "defects/BTC-USDT-cdd_1h", against=other)

    wrong = seen["sources_disagree"]
    assert "2017-08-17" in days(wrong)
    opens = [dict(place.values).get("open") for place in wrong.places]
    assert 16199.91 in opens


@pytest.mark.parametrize("name", ["indicator_ref/default_1d", "stocks/GOOG-bt_1d"])
def test_clean_files_raise_nothing(shared_root, name):
    assert found(shared_root, name) == {}


def repaired(root: Path, name: str, frame: str, folder: Path) -> tuple[Path, list[int]]:
    """A broken file as bars, and the rows that its repair changes, by time of day."""
    broken, fixed = (root / "price_repair" / f"{name}{end}.csv" for end in ("", "-fixed"))
    path = folder / "stocks" / f"AAA_{frame}.parquet"
    path.parent.mkdir()
    with duckdb.connect() as connection, broken.open() as file:
        stamp = next(csv.reader(file))[0]
        connection.execute(
            f'copy (select "{stamp}"[:10]::timestamptz as ts, Open as open, High as high, '
            f"Low as low, Close as close, Volume as volume from read_csv('{broken}', "
            f"types = {{'{stamp}': 'VARCHAR'}})) to '{path}' (format parquet)"
        )
    with broken.open() as one, fixed.open() as other:
        pairs = zip(csv.DictReader(one), csv.DictReader(other), strict=True)
        changed = [
            row
            for row, (old, new) in enumerate(pairs)
            if abs(float(old["Close"]) / float(new["Close"]) - 1) > 0.01
        ]
    return path, changed


@pytest.mark.parametrize(
    "name", ["MOB-ST-1d-bad-stock-split", "LA-V-1d-bad-stock-split", "ALPHA-PA-1d-bad-stock-split"]
)
def test_single_bars_that_a_repair_changes_are_spikes(shared_wire_root, tmp_path, name):
    path, changed = repaired(shared_wire_root, name, "1d", tmp_path)

    seen = {f.code.name: f for f in inspect(path, Asked()).findings}

    whole = [place.row for place in seen["spike"].places if place.note == "the whole bar"]
    assert whole == changed


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SSW-JO-1d-100x-error", "price_units"),
        ("SPM-MI-1d-bad-stock-split", "split_unadjusted"),
        ("DEX-AX-1d-bad-stock-split", "jump"),
    ],
)
def test_the_border_of_bars_that_a_repair_changes_is_found(shared_wire_root, tmp_path, name, code):
    path, changed = repaired(shared_wire_root, name, "1d", tmp_path)

    seen = {f.code.name: f for f in inspect(path, Asked()).findings}

    (place,) = seen[code].places
    borders = {min(changed), min(changed) - 1, max(changed), max(changed) + 1}
    assert place.row in borders


def test_the_list_of_severities_is_complete():
    assert [severity.value for severity in Severity] == ["error", "warning", "info"]
