"""The edge of a broker call: what it may raise, and what that proves."""

import pytest

from hfl_core.domain.errors import BrokerError, Reached
from hfl_core.gateway.edge import at_edge


def raising(error: BaseException):
    def call():
        raise error

    return call


def test_an_answer_comes_back_as_it_is():
    answer = object()

    assert at_edge(lambda: answer) is answer


@pytest.mark.parametrize(
    "error",
    [
        BrokerError("down", reached=Reached.NO, code="funds"),
        AssertionError("the book says otherwise"),
        KeyboardInterrupt(),
    ],
)
def test_what_says_itself_what_happened_goes_on_untouched(error: BaseException):
    with pytest.raises(type(error)) as raised:
        at_edge(raising(error))

    assert raised.value is error


@pytest.mark.parametrize("error", [ValueError("odd"), TimeoutError("late"), KeyError("id")])
def test_whatever_else_a_client_library_raises_means_that_nobody_knows(error: Exception):
    with pytest.raises(BrokerError) as raised:
        at_edge(raising(error))

    assert raised.value.reached is Reached.UNKNOWN
    assert str(raised.value) == f"{type(error).__name__}: {error}"
    assert raised.value.__cause__ is error
