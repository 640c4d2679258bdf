"""The hub never waits, never raises, and says what it lost."""

import threading
import time

import pytest

from hfl_core.alerts.hub import AlertHub
from hfl_core.domain.effects import RaiseAlert

pytestmark = pytest.mark.process
# Of what is awaited; no claim.
PATIENCE_S = 60


class Sink:
    def __init__(self, gate=None, failures=0):
        self.texts = []
        self.gate = gate
        self.failures = failures

    def send(self, alert):
        if self.gate is not None:
            self.gate.wait(1_000)
        if self.failures:
            self.failures -= 1
            raise OSError("expected a disk with room, found none")
        self.texts.append(alert.text)


def alert(text, level="info"):
    return RaiseAlert(level=level, text=text)


def test_every_channel_hears_everything_in_order():
    sinks = [Sink(), Sink()]
    hub = AlertHub(sinks)
    texts = [f"alert {n}" for n in range(100)]
    for text in texts:
        hub.send(alert(text))
    hub.close(PATIENCE_S)

    assert [sink.texts for sink in sinks] == [texts, texts]


def test_a_hanging_channel_makes_nobody_wait_and_holds_no_other_up():
    gate = threading.Event()
    hanging, other = Sink(gate), Sink()
    hub = AlertHub([hanging, other], queue_max=10)
    texts = [f"alert {number}" for number in range(1_000)]
    for text in texts:
        hub.send(alert(text))
        ends_s = time.monotonic() + PATIENCE_S
        while other.texts[-1:] != [text] and time.monotonic() < ends_s:
            time.sleep(0.0001)
    hub.close(0.2)

    assert other.texts == texts
    assert hanging.texts == []
    gate.set()


def test_what_a_full_queue_lost_is_said():
    gate = threading.Event()
    sink = Sink(gate)
    hub = AlertHub([sink], queue_max=5)
    for number in range(50):
        hub.send(alert(f"alert {number}"))
    assert hub.lost >= 44
    lost = hub.lost
    gate.set()
    hub.close(PATIENCE_S)

    assert f"{lost} alerts were lost on this channel: it was too slow or failed" in sink.texts
    assert len([text for text in sink.texts if text.startswith("alert ")]) + lost == 50
    assert hub.lost == 0


def test_a_failing_channel_is_counted_and_told_when_it_works_again():
    sink = Sink(failures=2)
    hub = AlertHub([sink])
    for text in ("one", "two", "three"):
        hub.send(alert(text))
    hub.close(PATIENCE_S)

    assert sink.texts[-1] == "three"
    assert "alerts were lost" in sink.texts[0]


def test_open_counts_are_told_at_the_end():
    sink = Sink()
    hub = AlertHub([sink])
    for _ in range(4):
        hub.send(alert("again"))
    hub.close(PATIENCE_S)

    assert sink.texts == ["again", "again (3 more within a minute)"]


def test_a_hub_without_channels_is_fine():
    hub = AlertHub([])
    hub.send(alert("unheard"))
    hub.close()

    assert hub.lost == 0
