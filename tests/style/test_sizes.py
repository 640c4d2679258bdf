"""Sizes: functions of at most 70 lines, files of at most 400, four positional parameters."""

from collections.abc import Callable

from tests.style import checks, tree


def measured(check: Callable[..., dict[str, int]], *, with_tests: bool) -> dict[str, int]:
    """Return `file::function` -> size of everything too large."""
    return {
        f"{tree.name_of(path)}::{name}": size
        for path in tree.python_files()
        if with_tests or not tree.name_of(path).startswith("tests/")
        for name, size in check(tree.tree_of(path)).items()
    }


def test_no_function_is_longer_than_seventy_lines():
    found = measured(checks.long_functions, with_tests=True)

    assert tree.ratchet()["function_lines"] == found


def test_no_function_takes_more_than_four_positional_parameters():
    """Tests are left out: pytest passes fixtures by name."""
    found = measured(checks.crowded_functions, with_tests=False)

    assert tree.ratchet()["positional_parameters"] == found


def test_no_file_is_longer_than_four_hundred_lines():
    lengths = {
        tree.name_of(path): len(path.read_text().splitlines()) for path in tree.python_files()
    }
    found = {name: lines for name, lines in lengths.items() if lines > checks.FILE_LINES_MAX}

    assert tree.ratchet()["file_lines"] == found
