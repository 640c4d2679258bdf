"""DuckDB without its Python wrapper, which costs more to import than a short question to answer.

Measured with duckdb 2.0.0: `import duckdb` 150-170 ms, its compiled half `_duckdb` 30 ms, and
`hfl why` has 200 ms for everything.
"""

from types import ModuleType


def library() -> ModuleType:
    """Return the compiled module, or the whole package where there is no such module."""
    try:
        import _duckdb
    except ImportError:
        import duckdb

        return duckdb
    return _duckdb
