"""Files: reachable, explained, small, of a known type, free of one machine's paths."""

import tomllib

from tests.style import checks, tree

ALLOWED_SUFFIXES = frozenset(
    [
        ".cfg",
        ".css",
        ".csv",
        ".ini",
        ".json",
        ".jsonl",
        ".lock",
        ".md",
        ".patch",
        ".py",
        ".service",
        ".sh",
        ".svg",
        ".tcss",
        ".toml",
        ".txt",
        ".yaml",
        ".yml",
    ]
)
ALLOWED_NAMES = frozenset(["LICENSE", "Makefile", ".gitignore", ".ci/run", "py.typed"])
# A recorded journal is kept for good, so that every later version proves it can still open it.
GOLDEN = "golden"
# Folders whose files are loaded by the name a user types; nobody imports them.
PLUGIN_FOLDERS = (
    "hfl.commands",
    "hfl_core.alerts",
    "hfl_core.brokers",
    "hfl_core.features",
    "hfl_core.indicators",
    "hfl_core.metrics",
    "hfl_core.risk.rules",
    "hfl_core.strategies",
    "hfl_data.checks",
    "hfl_data.feeds",
    "hfl_models.desks",
)

# Driven by benchmarks and tests; the verb that runs it for a user is still to come (issue 5).
WAITING = frozenset({"hfl_core.runtime.backtest", "hfl_data.holdout", "hfl_data.tried"})
# Tools for research; the verbs that use them are still to come (issue 5).
WAITING_FOLDERS = ("hfl_core.validation",)


def unreached_modules() -> set[str]:
    """Return the modules that nothing in the shipped code imports, names or plugs in."""
    reached = set()
    for name, path in tree.modules().items():
        is_package = path.name == "__init__.py"
        reached |= checks.imported_names(tree.tree_of(path), name, is_package=is_package)
    scripts = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    reached |= {target.split(":")[0] for target in scripts.values()}
    return {
        name
        for name, path in tree.modules().items()
        if name not in reached
        and path.stem not in ("__init__", "__main__", "_template")
        and name.rpartition(".")[0] not in (*PLUGIN_FOLDERS, *WAITING_FOLDERS)
    }


def test_no_module_is_dead():
    assert unreached_modules() == WAITING


def test_every_python_file_starts_with_a_docstring():
    found = [
        tree.name_of(path)
        for path in tree.python_files()
        if checks.lacks_docstring(tree.tree_of(path))
    ]

    assert found == []


def test_init_files_hold_only_a_docstring():
    found = [
        tree.name_of(path)
        for path in tree.python_files()
        if path.name == "__init__.py" and checks.does_more_than_explain(tree.tree_of(path))
    ]

    assert found == []


def test_pure_floors_say_what_they_do_not_know():
    found = [
        name
        for name, path in tree.pure_modules().items()
        if path.name != "__init__.py" and "know" not in (path.read_text().split('"""')[1]).lower()
    ]

    assert found == []


def test_no_file_is_a_blob():
    found = {
        tree.name_of(path): path.stat().st_size
        for path in tree.project_files()
        if path.stat().st_size > checks.BLOB_BYTES_MAX and GOLDEN not in path.parts
    }

    assert found == {}


def test_every_file_is_of_a_known_type():
    found = [
        tree.name_of(path)
        for path in tree.project_files()
        if path.suffix not in ALLOWED_SUFFIXES
        and path.name not in ALLOWED_NAMES
        and tree.name_of(path) not in ALLOWED_NAMES
        and GOLDEN not in path.parts
    ]

    assert found == []


def test_no_file_names_a_machine_a_registry_or_an_open_end():
    found = {
        tree.name_of(path): faults
        for path in tree.project_files()
        if GOLDEN not in path.parts and not tree.name_of(path).startswith("tests/style/")
        if (faults := checks.text_faults(path.read_text(errors="replace")))
    }

    assert found == {}


def test_no_file_names_this_very_folder():
    found = [
        tree.name_of(path)
        for path in tree.project_files()
        if str(tree.ROOT).encode() + b"/" in path.read_bytes()
    ]

    assert found == []
