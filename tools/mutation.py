"""Mutate each target of tests/mutants/targets.toml with mutmut, and judge what survived.

Usage: python tools/mutation.py [--report | --coverage] [--fresh] [--jobs N] [TARGET ...]

A run goes on where the last one stopped and asks its survivors again; --fresh starts anew,
--report only prints. A target fails when less than PERCENT_MIN of its mutants are killed. Out of
the count: mutants of mere wording (they change letters of a text of WORDS_MIN or more words), and
survivors that tests/mutants/equivalent.toml explains. An explanation that explains nothing fails.
--coverage measures lines and branches instead, and fails below 100 %.
"""

import argparse
import difflib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tokenize
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
WORK: Final = ROOT / ".mutants"
FOLDER: Final = ROOT / "tests" / "mutants"
PERCENT_MIN: Final = 95.0
WORDS_MIN: Final = 4
MARKERS: Final = "not process and not slow and not long"
# Exit codes of a mutant that its tests noticed: failed, crashed, or ran into its limit.
KILLED: Final = frozenset([1, 3, -24, 24, 36, 152, 255, -11, -9])
GENERATED: Final = re.compile(r"\bxǁ\w+ǁ(\w+?)__mutmut_\w+|\bx_(\w+?)__mutmut_\w+")

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is mutated (patterns of files) and the tests that hold it."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    deselected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change to one function; before and after are the changed lines."""

    name: str
    key: Key
    is_killed: bool | None
    is_wording: bool


@dataclass(slots=True)
class Tally:
    """What became of a target's mutants."""

    mutants: int = 0
    wording: int = 0
    killed: int = 0
    equivalent: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    unchecked: int = 0
    stale: list[Key] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Return the killed among those that a test could tell from the code as it is."""
        judged = self.killed + len(self.survivors) + self.unchecked
        return 100.0 * self.killed / judged if judged else 0.0

    @property
    def is_good(self) -> bool:
        """Tell whether enough were killed and every explanation still explains something."""
        return self.percent >= PERCENT_MIN and not self.stale and not self.unchecked


def targets() -> dict[str, Target]:
    """Read the targets in their order."""
    found = tomllib.loads((FOLDER / "targets.toml").read_text())
    return {
        name: Target(
            name=name,
            files=tuple(entry["files"]),
            tests=tuple(entry["tests"]),
            deselected=tuple(entry.get("deselected", ())),
        )
        for name, entry in found.items()
    }


def explained() -> Counter[Key]:
    """Read how many survivors each explanation stands for."""
    found = tomllib.loads((FOLDER / "equivalent.toml").read_text()).get("mutant", [])
    count: Counter[Key] = Counter()
    for entry in found:
        if not entry["why"].strip():
            raise SystemExit(f"Expected a reason in equivalent.toml, found none: {entry}.")
        key = (entry["file"], entry["function"], entry["before"], entry["after"])
        count[key] += entry.get("count", 1)
    return count


def is_wording(before: str, after: str) -> bool:
    """Tell whether two functions differ only in the letters of one text of several words."""
    changed = [
        pair for pair in zip(_tokens(before), _tokens(after), strict=False) if len({*pair}) > 1
    ]
    if len(_tokens(before)) != len(_tokens(after)) or len(changed) != 1:
        return False
    old, new = (text.strip("\"'") for text in changed[0])
    is_respelled = new in {f"XX{old}XX", old.lower(), old.upper()}
    return is_respelled and len(old.split()) >= WORDS_MIN


def _tokens(source: str) -> list[str]:
    lines = io.StringIO(textwrap.dedent(source)).readline
    return [token.string for token in tokenize.generate_tokens(lines)]


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """Return the lines that went and the lines that came, stripped, joined by a space."""
    went, came = [], []
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line.startswith("- "):
            went.append(line[2:].strip())
        elif line.startswith("+ "):
            came.append(line[2:].strip())
    return " ".join(went), " ".join(came)


def mutants_of(place: Path, path: Path) -> list[Mutant]:
    """Read every mutant of one file from what mutmut keeps beside its copy of it."""
    results = json.loads(path.with_name(path.name + ".meta").read_text())["exit_code_by_key"]
    spans = json.loads(path.with_name(path.name + ".spans").read_text())["spans"]
    lines = path.read_text().splitlines()
    source = {name: _plain(lines[start - 1 : end]) for name, (start, end) in spans.items()}
    found = []
    for name, code in results.items():
        generated = name.rpartition(".")[2]
        stem = generated.partition("__mutmut_")[0]
        before, after = source[f"{stem}__mutmut_orig"], source[generated]
        file = path.relative_to(place / "mutants").as_posix()
        function = stem[1:].strip("ǁ").replace("ǁ", ".") if "ǁ" in stem else stem[2:]
        found.append(
            Mutant(
                name=name,
                key=(file, function, *changed_lines(before, after)),
                is_killed=None if code is None else code in KILLED,
                is_wording=is_wording(before, after),
            )
        )
    return found


def _plain(lines: list[str]) -> str:
    text = "\n".join(line.removesuffix(" # type: ignore # mutmut generated") for line in lines)
    return GENERATED.sub(lambda match: match[1] or match[2], text)


def judge(mutants: list[Mutant], reasons: Counter[Key]) -> Tally:
    """Count; a survivor that is explained is out of the count, once per explanation."""
    tally = Tally(mutants=len(mutants))
    left = reasons.copy()
    for mutant in mutants:
        if mutant.is_wording:
            tally.wording += 1
        elif mutant.is_killed is None:
            tally.unchecked += 1
        elif mutant.is_killed:
            tally.killed += 1
        elif left[mutant.key] > 0:
            left[mutant.key] -= 1
            tally.equivalent += 1
        else:
            tally.survivors.append(mutant)
    tally.stale = sorted(left.elements())
    return tally


def prepare(target: Target) -> Path:
    """Lay out a flat project of links, as mutmut wants it, and its configuration."""
    place = WORK / target.name
    place.mkdir(parents=True, exist_ok=True)
    project = (ROOT / "pyproject.toml").read_text()
    packed = tomllib.loads(project)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for folder in [*packed, "tests", "tools"]:
        link = place / Path(folder).name
        if not link.is_symlink():
            link.symlink_to(ROOT / folder)
    arguments = ["-p", "no:cacheprovider", "-m", MARKERS]
    arguments += [f"--deselect={name}" for name in target.deselected]
    settings: dict[str, object] = {
        "source_paths": sorted({pattern.split("/")[0] for pattern in target.files}),
        "only_mutate": list(target.files),
        "also_copy": [Path(folder).name for folder in packed] + ["tools"],
        "pytest_add_cli_args": arguments,
        "pytest_add_cli_args_test_selection": list(target.tests),
        "use_git_change_detection": False,
        "on_dependency_change": "ignore",
    }
    lines = (f"{name} = {json.dumps(value)}" for name, value in settings.items())
    (place / "pyproject.toml").write_text(project + "\n[tool.mutmut]\n" + "\n".join(lines) + "\n")
    return place


def read(place: Path) -> list[Mutant]:
    """Read every mutant of a target."""
    metas = sorted((place / "mutants").rglob("*.py.meta"))
    return [mutant for meta in metas for mutant in mutants_of(place, meta.with_suffix(""))]


def sweep(target: Target, place: Path, jobs: int) -> None:
    """Check what is unchecked, and once more what survived an earlier run."""
    command = [sys.executable, str(ROOT / "tools" / "mutation_loop.py"), "--jobs", str(jobs)]
    with (place / "log").open("w") as log:
        done = subprocess.run(
            command, cwd=place, env=environment(), stdout=log, stderr=log, check=False
        )
    if done.returncode != 0:
        tail = "\n".join((place / "log").read_text().splitlines()[-40:])
        raise SystemExit(f"{tail}\nExpected the mutants of {target.name} to run; see {place}/log.")


def environment() -> dict[str, str]:
    """Return the environment of the tests: few examples, always the same, bytecode kept."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return given | {"HYPOTHESIS_PROFILE": "mutants", "PYTHONDONTWRITEBYTECODE": ""}


def measure(target: Target) -> bool:
    """Measure lines and branches of a target under its tests; tell whether all were taken."""
    data = WORK / f"{target.name}.coverage"
    data.parent.mkdir(exist_ok=True)
    include = ",".join(target.files)
    coverage = [sys.executable, "-m", "coverage"]
    common = [f"--data-file={data}", f"--include={include}"]
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", MARKERS, *target.tests]
    pytest += [f"--deselect={name}" for name in target.deselected]
    command = [*coverage, "run", "--branch", *common, *pytest]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), check=False)
    told = subprocess.run(
        [*coverage, "report", *common, "--show-missing", "--skip-covered", "--fail-under=100"],
        cwd=ROOT,
        check=False,
    )
    return ran.returncode == 0 and told.returncode == 0


def show(target: Target, tally: Tally) -> None:
    """Print what survived and is not explained, and explanations that explain nothing."""
    for mutant in tally.survivors:
        file, function, before, after = mutant.key
        print(f"survived {mutant.name}\n  {file}: {function}\n    - {before}\n    + {after}")
    for file, function, before, after in tally.stale:
        print(f"stale in equivalent.toml: {file}: {function}\n    - {before}\n    + {after}")
    print(
        f"{target.name:10} {tally.mutants:7} {tally.wording:7} {tally.killed:7} "
        f"{tally.equivalent:10} {len(tally.survivors):9} {tally.unchecked:9} {tally.percent:7.2f} %"
    )


def main() -> int:
    """Read the arguments, run the targets, print the table; 1 when one is not good enough."""
    known = targets()
    parser = argparse.ArgumentParser(description="Mutate the targets and judge the survivors.")
    parser.add_argument("target", nargs="*", choices=[*known, []], help="all when none is named")
    parser.add_argument("--report", action="store_true", help="only print the last run's table")
    parser.add_argument("--coverage", action="store_true", help="measure branches instead")
    parser.add_argument("--fresh", action="store_true", help="forget the last run")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    given = parser.parse_args()
    chosen = [known[name] for name in given.target or known]
    if given.coverage:
        measured = [measure(target) for target in chosen]
        return 0 if all(measured) else 1
    reasons = explained()
    is_good = True
    print("target     mutants wording  killed equivalent survivors unchecked   score")
    for target in chosen:
        if given.fresh:
            shutil.rmtree(WORK / target.name, ignore_errors=True)
        place = prepare(target)
        if not given.report:
            sweep(target, place, given.jobs)
        mutants = read(place)
        files = {mutant.key[0] for mutant in mutants}
        mine = Counter({key: count for key, count in reasons.items() if key[0] in files})
        tally = judge(mutants, mine)
        show(target, tally)
        is_good = is_good and tally.is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
