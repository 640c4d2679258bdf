"""The paper venue as it is, with a log: one line for each submit, when it was taken in hand.

`watched_venue.py LOG OPTIONS...`, the options being those of `python -m hfl_core.venue`. A line is
CLOCK_MONOTONIC in nanoseconds (one clock for all processes of a machine), the client id, and
`entry` or `reduce`.
"""

import os
import sys
import time

from hfl_core.venue.__main__ import main
from hfl_core.venue.desk import Desk
from hfl_core.venue.protocol import read_order


def install(log: str) -> None:
    real = Desk._submit
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def submit(self, request):
        order = read_order(request)
        kind = "reduce" if order.is_reduce_only else "entry"
        os.write(handle, f"{time.monotonic_ns()} {order.client_id} {kind}\n".encode())
        return real(self, request)

    Desk._submit = submit  # type: ignore[method-assign]


if __name__ == "__main__":
    install(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
