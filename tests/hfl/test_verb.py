"""How verbs end: every failure is one sentence and a documented exit code."""

import argparse
import importlib
from types import SimpleNamespace

import pytest

from hfl import verb
from hfl.cli import main
from hfl.verb import FAILED, USAGE


def test_a_verb_nobody_knows_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["stauts"])

    assert code == USAGE
    assert "did you mean `hfl status`?" in capsys.readouterr().err


def test_a_failure_nobody_foresaw_is_a_sentence_with_its_details_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(arguments: argparse.Namespace, name: str) -> int:
        raise RuntimeError(f"{name} broke")

    def add_arguments(parser: argparse.ArgumentParser, name: str) -> None:
        del parser, name

    broken = SimpleNamespace(__doc__="A verb.", run=run, add_arguments=add_arguments)
    monkeypatch.setattr(importlib, "import_module", lambda name: broken)
    code = verb.run_verb("status", "status", [])
    said = capsys.readouterr().err

    assert code == FAILED
    assert "RuntimeError: status broke" in said
    assert "Traceback" not in said
    with open(said.strip().rpartition(" ")[2], encoding="utf-8") as details:  # noqa: PTH123
        assert "Traceback" in details.read()
