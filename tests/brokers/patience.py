"""How long the brokers' tests wait: long for what comes, short where nothing will ever come."""

import time

# However busy the machine is; no claim.
ANSWER_S = 30.0
SILENT_S = 0.3
SILENT = ("timeout_before", "timeout_after", "silence", "delay s=60", "slow s=60")


def patience_s(fault: str) -> float:
    """Return how long to wait for the answer to a call that this fault strikes."""
    return SILENT_S if fault in SILENT else ANSWER_S


def until(happened) -> None:
    """Wait until something is true, for as long as a busy machine may need."""
    ends_s = time.monotonic() + ANSWER_S
    while not happened() and time.monotonic() < ends_s:
        time.sleep(0.005)


def await_struck(world, fault: str) -> None:
    """Wait until the venue itself has come to the call: its caller may have given up before."""
    until(lambda: world.counts().fired.get(fault))
