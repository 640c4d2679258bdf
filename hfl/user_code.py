"""Running a strategy file that the user wrote."""

import hashlib
import importlib.util
import sys
from importlib.abc import InspectLoader
from pathlib import Path
from types import CodeType, ModuleType

from hfl_core.domain.errors import ConfigError
from hfl_core.strategies.catalogue import said


class TextLoader(InspectLoader):
    """Run exactly the text that was hashed: no second read, no cached bytecode."""

    def __init__(self, text: str, path: Path) -> None:
        self._text = text
        self._path = path

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - the signature is importlib's
        return self._text

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_source(fullname), str(self._path))


def executed(name: str, text: str, path: Path) -> ModuleType:
    """Run a strategy's text as a module of its own. Raises ConfigError when it fails."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    full_name = f"hfl_user_strategy_{name}_{digest[:16]}"
    spec = importlib.util.spec_from_loader(full_name, TextLoader(text, path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while they are made.
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a user's file may raise anything
        del sys.modules[full_name]
        raise ConfigError(f"strategy {name}: expected {path} to run, {said(error)}") from error
    return module
