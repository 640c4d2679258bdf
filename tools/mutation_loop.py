"""Run the tests over mutmut's mutants: collect once, fork for each mutant, ask what reaches it.

Usage: python mutation_loop.py --jobs N, in a folder that tools/mutation.py laid out.

mutmut makes the mutants and the switch between them; its own runner starts pytest anew for each,
which costs a hundred times what the tests do. A mutant is killed by the first test that fails, or
by taking much longer than the tests took; the tests that reach its function run fastest first.
"""

import argparse
import contextlib
import gc
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

KILLED: Final = 1
SURVIVED: Final = 0
NOT_REACHED: Final = 33
TIMED_OUT: Final = 36
# A mutant gets CPU seconds: so many times what its tests took, and a few more to start with.
TIMES: Final = 10
SECONDS: Final = 5
SAVE_EVERY: Final = 50


class Reach(NamedTuple):
    """What one test takes, and the functions it reaches."""

    seconds: float
    functions: list[str]


class Loop:
    """A pytest plugin whose loop is over mutants instead of tests."""

    def __init__(self, metas: dict[Path, dict[str, object]], jobs: int) -> None:
        self.metas = metas
        self.jobs = jobs
        self.found: dict[str, int] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what each test reaches, then ask for each mutant that is open."""
        if session.testsfailed:
            raise session.Interrupted("the tests could not be collected")
        reach = _reached(session)
        tests: dict[str, list[tuple[float, pytest.Item]]] = {}
        for item in session.items:
            seconds, functions = reach[item.nodeid]
            for function in functions:
                tests.setdefault(function, []).append((seconds, item))
        running: dict[int, str] = {}
        # What was collected is never let go: collecting garbage in a child would copy all of it.
        gc.freeze()
        open_ones = [name for meta in self.metas.values() for name in _open(meta)]
        for number, name in enumerate(open_ones, start=1):
            chosen = sorted(tests.get(name.partition("__mutmut_")[0], []), key=lambda each: each[0])
            if not chosen:
                self.found[name] = NOT_REACHED
                continue
            while len(running) >= self.jobs:
                self._take(running)
            running[_forked(name, chosen)] = name
            if number % SAVE_EVERY == 0:
                self.save()
                killed = sum(code != SURVIVED for code in self.found.values())
                print(f"{number} of {len(open_ones)}, {killed} killed", file=sys.__stderr__)
        while running:
            self._take(running)
        self.save()
        return True

    def _take(self, running: dict[int, str]) -> None:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        self.found[running.pop(pid)] = TIMED_OUT if code < 0 else code

    def save(self) -> None:
        """Write what is known into mutmut's own files, so that the next run goes on from there."""
        for path, meta in self.metas.items():
            codes = _codes(meta)
            codes |= {name: self.found[name] for name in codes if name in self.found}
            path.write_text(json.dumps(meta))


def _codes(meta: dict[str, object]) -> dict[str, int | None]:
    codes = meta["exit_code_by_key"]
    assert isinstance(codes, dict)
    return codes


def _open(meta: dict[str, object]) -> Iterable[str]:
    """Return the mutants that nobody killed yet."""
    return [name for name, code in _codes(meta).items() if code in {None, SURVIVED, NOT_REACHED}]


def _run(item: pytest.Item) -> bool:
    """Run one test; tell whether it passed."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return not item.session.testsfailed


def _reached(session: pytest.Session) -> dict[str, Reach]:
    """Run every test of the code as it is, in a process of its own: nothing of it stays behind."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        told = json.dumps(_reached_here(session))
        with os.fdopen(writer, "w") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.wait()
    found = json.loads(text or "null")
    if not isinstance(found, dict):
        raise session.Failed(f"the tests must pass before anything is mutated: {found}")
    return {nodeid: Reach(*each) for nodeid, each in found.items()}


def _reached_here(session: pytest.Session) -> dict[str, Reach] | str:
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state

    set_mutant_under_test("stats")
    hits = state()._stats  # noqa: SLF001 - what mutmut's own runner reads
    found = {}
    for item in session.items:
        hits.clear()
        before = time.process_time()
        if not _run(item):
            return item.nodeid
        found[item.nodeid] = Reach(time.process_time() - before, sorted(hits))
    return found


def _forked(name: str, chosen: list[tuple[float, pytest.Item]]) -> int:
    """Fork a process that asks these tests about one mutant; return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = KILLED
    with contextlib.suppress(BaseException):
        code = _asked(name, chosen)
    os._exit(code)


def _asked(name: str, chosen: list[tuple[float, pytest.Item]]) -> int:
    from mutmut.mutation.trampoline import set_mutant_under_test

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    limit = int(sum(seconds for seconds, _ in chosen) * TIMES) + SECONDS
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    set_mutant_under_test(name)
    return SURVIVED if all(_run(item) for _, item in chosen) else KILLED


def generated(jobs: int) -> tuple[dict[Path, dict[str, object]], list[str]]:
    """Let mutmut make its mutants; return its files of results and the arguments for pytest."""
    from mutmut.__main__ import create_mutants
    from mutmut.configuration import config
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

    Path("mutants").mkdir(exist_ok=True)
    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(jobs)
    set_mutant_under_test("")
    folder = Path("mutants").resolve()
    metas = {path: json.loads(path.read_text()) for path in sorted(folder.rglob("*.py.meta"))}
    settings = config()
    arguments = ["-q", "-p", "no:randomly", "-p", "no:xdist", *settings.pytest_add_cli_args]
    return metas, [*arguments, *settings.pytest_add_cli_args_test_selection]


def main() -> int:
    """Make the mutants, then ask."""
    parser = argparse.ArgumentParser(description="Run the tests over mutmut's mutants.")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    metas, arguments = generated(given.jobs)
    os.chdir("mutants")
    return int(
        pytest.main(["--rootdir=.", "--tb=no", *arguments], plugins=[Loop(metas, given.jobs)])
    )


if __name__ == "__main__":
    sys.exit(main())
