"""The house: packaging, locks, contracts and doors fit each other."""

import re
import tomllib

from tests.style import tree

PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(file: str) -> dict[str, str]:
    text = (tree.ROOT / file).read_text()
    return {
        normal(name): version
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    }


def declared(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[<>=!~;\[ ]", line)[0]) for line in requirements}


def test_every_package_is_under_the_contracts():
    roots = PROJECT["tool"]["importlinter"]["root_packages"]

    assert sorted(tree.PACKAGES) == sorted(roots)


def test_every_contract_names_modules_that_exist():
    known = set(tree.modules())
    for contract in PROJECT["tool"]["importlinter"]["contracts"]:
        for module in contract.get("source_modules", []):
            assert module in known, f"{contract['name']}: {module}"


def test_the_floors_are_exhaustive():
    floors = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c.get("exhaustive")]

    assert [floor["containers"] for floor in floors] == [["hfl_core"]]


def test_the_core_lock_holds_every_dependency():
    assert declared(PROJECT["project"]["dependencies"]) <= set(locked("requirements.lock"))


def test_the_screens_lock_lies_between_the_core_lock_and_the_dev_lock():
    core, screen = locked("requirements.lock"), locked("requirements-tui.lock")

    assert core.items() < screen.items() < locked("requirements-dev.lock").items()
    assert declared(PROJECT["project"]["optional-dependencies"]["tui"]) <= set(screen)


def test_the_dev_lock_extends_the_core_lock_unchanged():
    core, dev = locked("requirements.lock"), locked("requirements-dev.lock")

    assert core.items() <= dev.items()
    assert declared(PROJECT["project"]["optional-dependencies"]["dev"]) <= set(dev)


def test_the_mutation_lock_extends_the_dev_lock_unchanged():
    dev, mutation = locked("requirements-dev.lock"), locked("requirements-mutation.lock")

    assert dev.items() <= mutation.items()
    assert declared(PROJECT["project"]["optional-dependencies"]["mutation"]) <= set(mutation)


def test_every_locked_package_has_hashes_and_no_address():
    for file in (
        "requirements.lock",
        "requirements-tui.lock",
        "requirements-dev.lock",
        "requirements-mutation.lock",
    ):
        text = (tree.ROOT / file).read_text()
        blocks = re.split(r"\n(?=\w)", text[text.index("\n\n" if "\n\n" in text else "==") :])

        assert "://" not in text
        assert len(locked(file)) >= 20
        assert all("--hash=sha256:" in block for block in blocks), file


def test_the_core_has_no_heavy_dependency():
    heavy = {"pandas", "pyarrow", "numpy", "numba", "scipy", "textual", "torch", "transformers"}

    assert heavy & set(locked("requirements.lock")) == set()


def test_every_dependency_says_what_it_buys():
    text = (tree.ROOT / "pyproject.toml").read_text()
    for requirement in PROJECT["project"]["dependencies"]:
        assert re.search(rf'"{re.escape(requirement)}",\s+# \w+', text), requirement


def test_every_ignored_rule_gives_its_reason():
    text = (tree.ROOT / "pyproject.toml").read_text()
    for rule in PROJECT["tool"]["ruff"]["lint"]["ignore"]:
        assert re.search(rf'"{rule}",\s+# \w+', text), rule


def test_the_extras_are_the_promised_ones():
    extras = PROJECT["project"]["optional-dependencies"]
    everything = set(extras) - {"all", "second-opinions"}

    assert {"ai", "brokers", "data", "backtest", "ops", "dev", "all"} <= set(extras)
    assert extras["all"] == [f"hedgefund-lite[{','.join(sorted(everything))}]"]


def test_engines_under_other_licences_come_only_when_asked_for():
    extras = PROJECT["project"]["optional-dependencies"]
    homes = {
        name: {extra for extra, lines in extras.items() if name in declared(lines)}
        for name in ("backtrader", "vectorbt")
    }

    assert homes == {"backtrader": {"second-opinions"}, "vectorbt": {"second-opinions"}}
    assert "second-opinions" not in extras["all"][0]
    assert set(homes) & set(locked("requirements-dev.lock")) == set()


def test_ci_runs_exactly_make_test():
    lines = (tree.ROOT / ".ci" / "run").read_text().splitlines()
    makes = [line for line in lines if "make" in line]

    assert makes == ["exec make test"]


def test_every_room_has_its_door():
    for room in ("journal", "config", "data", "models"):
        lines = (tree.ROOT / room / "README.md").read_text().splitlines()

        assert 5 <= len(lines) <= 40, room


def test_the_changelog_speaks_to_the_user():
    text = (tree.ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)

    assert "## Unreleased" in text
    assert set(headings) <= {"Added", "Changed", "Fixed", "Removed", "Safety"}
    assert "Added" in headings


def test_every_decision_is_listed():
    folder = tree.ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    for path in folder.glob("[0-9]*.md"):
        assert path.name in index, path.name


def test_no_tool_ignores_a_source_folder():
    """Weights and Parquet are kept out by pattern; the rooms' packages must stay in."""
    for name, folder in tree.PACKAGES.items():
        assert folder / "__init__.py" in tree.project_files(), name


def test_the_package_and_the_changelog_agree_on_nothing_released_yet():
    version = PROJECT["project"]["version"]
    released = re.findall(r"^## (\d[\w.]*)", (tree.ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert released == [] or released[0] == version
