"""Whatever stands in a file: a report or one sentence, never a warning, never anything else."""

import contextlib

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfl_core.domain.errors import DataError
from hfl_data.inspection.inspect import inspect
from hfl_data.inspection.subject import Asked
from tests.data.checks.planting import MARKETS, write

ODD = [0.0, -0.0, -1.0, 1e-308, 5e-324, 1e300, 1.7e308, np.inf, -np.inf, np.nan, 100.0, 1e4]
numbers = st.one_of(
    st.sampled_from(ODD), st.floats(90.0, 110.0), st.floats(allow_nan=True, allow_infinity=True)
)
YEAR = 365 * 86_400 * 10**9
FIRST = 1_546_300_800 * 10**9
# The years 1900 and 2200.
OLDEST, NEWEST = -2_208_988_800 * 10**9, 7_258_118_400 * 10**9
times = st.one_of(
    st.integers(FIRST, FIRST + YEAR).map(lambda ns: ns // 60_000_000_000 * 60_000_000_000),
    st.integers(-(2**62), 2**62),
    st.sampled_from([FIRST, FIRST + 1, 0, 1, -1, 7_258_118_399 * 10**9, -2_208_988_800 * 10**9]),
)


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 40))
    columns = {
        name: np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)))
        for name in ("open", "high", "low", "close", "volume")
    }
    stamps = draw(st.lists(times, min_size=rows, max_size=rows))
    if draw(st.booleans()):
        stamps.sort()
    return {"ts": np.array(stamps, dtype=np.int64), **columns}


@settings(max_examples=12)
@given(table=tables(), market=st.sampled_from(sorted(MARKETS)))
def test_any_numbers_give_a_report(table, market, tmp_path_factory):
    path = write(table, market, tmp_path_factory.mktemp("any"))
    asked = Asked(now_ns=FIRST + YEAR, until_ns=FIRST + YEAR, against=path)

    if not np.any((table["ts"] >= OLDEST) & (table["ts"] < NEWEST)):
        with pytest.raises(DataError, match="none that can be read"):
            inspect(path, asked)
        return
    report = inspect(path, asked)

    assert report.survey.rows == len(table["ts"])
    for finding in report.findings:
        assert finding.count >= len(finding.places) >= 1
        assert all(-1 <= place.row < report.survey.rows for place in finding.places)


@settings(max_examples=12)
@given(
    stamps=st.lists(
        st.one_of(
            st.text(max_size=25),
            st.sampled_from(
                ["2019-01-01", "2019-01-01T00:00:00Z", "2019-01-01 01:00", "1546300800", "1e400",
                 "1546300800000", "-5", "nan", "2019-13-45", "2019-01-01T00:00:00+05:30", ""]
            ),
        ),
        min_size=1,
        max_size=20,
    )
)  # fmt: skip
def test_any_text_for_a_time_gives_a_report(stamps, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "crypto" / "AAA_1h.parquet"
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute("create table bars (ts varchar, price double)")
        # A null byte ends no text of a vendor, and DuckDB refuses it.
        clean = [[stamp.replace("\0", ""), 100.0 + n] for n, stamp in enumerate(stamps)]
        connection.executemany("insert into bars values (?, ?)", clean)
        connection.execute(
            "copy (select ts, price as open, price as high, price as low, price as close, "
            f"1.0 as volume from bars) to '{path}' (format parquet)"
        )

    with contextlib.suppress(DataError):
        # Without one that can be read; anything but that sentence fails here.
        assert inspect(path, Asked()).survey.rows == len(stamps)
