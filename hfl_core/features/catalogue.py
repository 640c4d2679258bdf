"""Find and build a feature by the name of its file in this folder. Knows none of them by name.

A new feature is a new file with a class `Feature`; there is nothing to register.
"""

import importlib
import inspect
import re
from typing import Final, cast

from hfl_core.features.base import Feature, FeatureSpec

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_NOT_FEATURES: Final = frozenset({"base", "catalogue"})


def make(spec: FeatureSpec) -> Feature:
    """Build the feature that `spec` declares, with nothing pushed yet.

    Raises ValueError with one sentence for a name without a file, parameters that do not fit, or an
    output it does not have.
    """
    feature_class = _feature_class(spec.name)
    expected = list(inspect.signature(feature_class).parameters)
    if len(expected) != len(spec.parameters):
        raise ValueError(
            f"feature {spec.name}: expected {len(expected)} parameters ({', '.join(expected)}),"
            f" found {len(spec.parameters)}: declare each of them"
        )
    if spec.output not in feature_class.OUTPUTS:
        raise ValueError(
            f"feature {spec.name}: expected one of the outputs {', '.join(feature_class.OUTPUTS)},"
            f" found {spec.output!r}: declare one of these"
        )
    try:
        return feature_class(*spec.parameters)
    except ValueError as error:
        raise ValueError(f"feature {spec.name}: {error}") from error


def _feature_class(name: str) -> type[Feature]:
    if not _NAME.fullmatch(name) or name in _NOT_FEATURES:
        raise ValueError(_unknown(name))
    full_name = f"hfl_core.features.{name}"
    try:
        module = importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
        raise ValueError(_unknown(name)) from None
    return cast("type[Feature]", module.Feature)


def _unknown(name: str) -> str:
    return (
        f"expected the name of a feature, found {name!r}: use the name of a file in"
        " hfl_core/features, such as sma or atr"
    )
