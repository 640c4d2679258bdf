"""The edge of a broker call: what a client library raises means that nobody knows what happened.

A false assertion is no outcome of a call: something is not as the program believes, and money is at
stake, so it goes on to end the run.
"""

from collections.abc import Callable
from typing import TypeVar

from hfl_core.domain.errors import BrokerError, Reached

T = TypeVar("T")


def at_edge(call: Callable[[], T]) -> T:
    """Make one broker call. Raises BrokerError for whatever it failed with, or AssertionError."""
    try:
        return call()
    except (BrokerError, AssertionError):
        raise
    # A client library may raise anything, and then nobody knows.
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise BrokerError(text, reached=Reached.UNKNOWN) from error
