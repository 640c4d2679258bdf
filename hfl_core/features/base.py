"""What an incremental feature is. Knows nothing of strategies, instruments or where bars come from.

A feature is a slots class in a file of this folder; the class is named `Feature` and the file by
the name a strategy declares. It is pushed every accepted bar exactly once, oldest first, in floats
(prices, not ticks).
"""

from typing import ClassVar, NamedTuple, Protocol

CLOSE = "close"
HLC = "hlc"
HLCV = "hlcv"

State = dict[str, "float | int | bool | list[float]"]


class FeatureSpec(NamedTuple):
    """A declared feature: file name, parameters, and which of its outputs is read."""

    name: str
    parameters: tuple[float, ...] = ()
    output: str = "value"

    @property
    def label(self) -> str:
        """Return its name in reasons, for example `sma(20)` or `bollinger(20,2).upper`."""
        inside = ",".join(f"{parameter:g}" for parameter in self.parameters)
        tail = "" if self.output == "value" else f".{self.output}"
        return f"{self.name}({inside}){tail}" if inside else f"{self.name}{tail}"


class Feature(Protocol):
    """One running computation.

    INPUTS says what `push` takes: CLOSE -> push(close); HLC -> push(high, low, close); HLCV ->
    push(high, low, close, volume). OUTPUTS names the float attributes that may be read once
    `is_ready`; before that they hold 0.0. state() and restore() carry every bit over, so that a
    restored feature goes on exactly as the original would.
    """

    INPUTS: ClassVar[str]
    OUTPUTS: ClassVar[tuple[str, ...]]
    is_ready: bool

    def state(self) -> State: ...
    def restore(self, state: State) -> None: ...
