"""The signals that end a program: the screen is left in order, or anyhow when that blocks."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

# A terminal that is gone must not keep the process: whatever blocks, it ends after this.
END_S: Final = 3.0
ENDING_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
SIGNAL_CODE: Final = 128


def hear_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with an exit code on the running loop when one of the signals comes."""
    if threading.current_thread() is not threading.main_thread():
        return

    def end(number: int) -> None:
        code = SIGNAL_CODE + number
        timer = threading.Timer(END_S, os._exit, (code,))
        timer.daemon = True
        timer.start()
        leave(code)

    loop = asyncio.get_running_loop()
    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, end, number)
