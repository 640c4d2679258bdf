"""Market files as numpy columns, by DuckDB."""

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PRICES = ("open", "high", "low", "close")


class Columns(dict[str, Array]):
    """Columns by name; `ts` in nanoseconds UTC as integers."""

    ts: npt.NDArray[np.int64]

    def rows(self, which: npt.NDArray[np.bool_] | slice | npt.NDArray[np.int64]) -> "Columns":
        """Return some of the rows."""
        found = Columns({name: values[which] for name, values in self.items()})
        found.ts = self.ts[which]
        return found


def read(path: Path, columns: tuple[str, ...] | None = None) -> Columns:
    """Return a Parquet file's columns in the order of its rows; a null is NaN."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = connection.from_parquet(str(path), file_row_number=True)
        names = [name for name in source.columns if name not in ("ts", "file_row_number")]
        chosen = [name for name in names if columns is None or name in columns]
        listed = ", ".join(f'CAST("{name}" AS DOUBLE) AS "{name}"' for name in chosen)
        found = connection.execute(
            f"SELECT epoch_ns(ts) AS ts, {listed} FROM read_parquet(?, file_row_number = true)"
            " ORDER BY file_row_number",
            [str(path)],
        ).fetchnumpy()
    result = Columns({name: _filled(found[name]) for name in chosen})
    result.ts = np.asarray(found["ts"], dtype=np.int64)
    return result


def _filled(column: object) -> Array:
    if isinstance(column, np.ma.MaskedArray):
        return np.asarray(column.filled(np.nan), dtype=np.float64)
    return np.asarray(column, dtype=np.float64)
