"""Identifiers as types of their own, and the one way client order ids are made.

Knows nothing of storage: whoever calls passes the parts in.
"""

import hashlib
from typing import Final, NewType

ClientOrderId = NewType("ClientOrderId", str)
VenueOrderId = NewType("VenueOrderId", str)
FillId = NewType("FillId", str)
RequestId = NewType("RequestId", str)
RunId = NewType("RunId", str)
JournalId = NewType("JournalId", str)
Symbol = NewType("Symbol", str)

CLIENT_ID_PREFIX: Final = "hf"
CLIENT_ID_LENGTH: Final = 29
JOURNAL_ID_LENGTH: Final = 6
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_NUMBER_LENGTH: Final = 8
_HASH_LENGTH: Final = 12
_HASH_SHIFTS: Final = range(0, _HASH_LENGTH * 5, 10)
# Two letters at a time, the lower five bits first.
_PAIRS: Final = tuple(low + high for high in _BASE32 for low in _BASE32)


def base36(number: int, length: int) -> str:
    """Return number in base 36, padded with zeros to length.

    Raises ValueError when it does not fit.
    """
    if number < 0 or number >= 36**length:
        raise ValueError(f"expected a number from 0 to 36^{length} - 1, found {number}")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
    return digits.rjust(length, "0")


def client_order_id(
    *, mode: str, journal_id: str, number: int, anchor: bytes, intent: bytes
) -> ClientOrderId:
    """Make the deterministic client order id of one intent: 29 characters of [a-z0-9].

    `hf`, then `p` or `l` (paper, live; `b` backtest), the journal's id (6), the intent's number in
    base 36 (8), and 12 characters of SHA-256(anchor + intent), where anchor is the chain's hash
    before the input that caused the intent and intent its canonical bytes. An old journal restored
    from a backup so cannot mint an id that means something else.
    """
    value = int.from_bytes(hashlib.sha256(anchor + intent).digest()[:8])
    tail = "".join([_PAIRS[(value >> shift) & 1023] for shift in _HASH_SHIFTS])
    return ClientOrderId(
        f"{CLIENT_ID_PREFIX}{mode[0]}{journal_id}{base36(number, _NUMBER_LENGTH)}{tail}"
    )


def is_ours(client_id: str, *, mode: str, journal_id: str) -> bool:
    """Tell whether a client order id was minted by this journal in this mode."""
    return (
        client_id.startswith(f"{CLIENT_ID_PREFIX}{mode[0]}{journal_id}")
        and len(client_id) == CLIENT_ID_LENGTH
    )
