"""A number that is not finite is no evidence, and never stops the engine."""

import pytest

from tests.engine.kit import Play, Puppet, row

INFINITE = float("inf")
UNDEFINED = float("nan")


@pytest.mark.parametrize(
    "puppet",
    [
        Puppet(strength=INFINITE),
        Puppet(strength=UNDEFINED),
        Puppet(stop_distance=INFINITE),
        Puppet(stop_distance=UNDEFINED),
    ],
)
def test_an_entry_without_finite_evidence_is_a_weak_signal(puppet: Puppet) -> None:
    play = Play(strategy=puppet).start()
    play.slot(row(100, "long"))
    play.close()

    assert play.groups[-1].counts == (("SIGNAL_WEAK", 1),)
    assert play.book.live == {}
