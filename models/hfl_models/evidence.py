"""The texts an opinion rests on, kept by their SHA-256 until the journal has them."""

import hashlib
import json
from collections import OrderedDict
from typing import Final

from hfl_core.domain.errors import ModelError

TEXTS_MAX: Final = 1_024


class EvidenceShelf:
    """Keeps the newest texts; each is the canonical JSON of what was read."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, bytes] = OrderedDict()

    def put(self, *, symbol: str, time_ns: int, text: str) -> str:
        """Keep one text and return its hash, hexadecimal. Lone surrogates stay readable escapes."""
        body = {"symbol": symbol, "text": text, "time_ns": time_ns}
        data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")
        sha = hashlib.sha256(data).hexdigest()
        self._texts[sha] = data
        self._texts.move_to_end(sha)
        while len(self._texts) > TEXTS_MAX:
            self._texts.popitem(last=False)
        return sha

    def get(self, sha: str) -> bytes:
        """Return a text. Raises ModelError when it is not kept (any more)."""
        data = self._texts.get(sha)
        if data is None:
            raise ModelError(
                f"expected the text {sha}, found none: it was never read or is too old"
            )
        return data
