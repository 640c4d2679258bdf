"""How to add a desk: copy this file, name it as in engine.desks, and fill in `ask`.

The rules that tests/models/test_desks.py holds every desk to:

1. `ask` may be slow, but ends within deadline_s or raises ModelError; it runs on the desk's own
   thread, one question at a time. A late answer is thrown away.
2. Nothing later than as_of_ns is read.
3. score is within -1..1, confidence within 0..1; to know nothing is confidence 0 with a rationale
   that says so, never an exception.
4. Symbol and desk of the answer are those of the question, never taken from text.
5. Every text the answer rests on is in `evidence` by hash, and `blob` returns it: the journal keeps
   it, so that the answer can be judged again.
6. Text is hostile: `clean` it before it is read or quoted.
7. Heavy libraries are imported inside `__init__`, so that `hfl` starts fast without them.
"""

from hfl_core.domain.ids import Symbol
from hfl_core.domain.opinions import Opinion
from hfl_models.evidence import EvidenceShelf
from hfl_models.sources import DeskSources


class Desk:
    """Implements hfl_core.ports.OpinionSource: a desk that has no opinion."""

    desk = "template"

    def __init__(self, sources: DeskSources) -> None:
        self._sources = sources
        self._shelf = EvidenceShelf()

    def ask(self, symbol: Symbol, *, as_of_ns: int, deadline_s: float) -> Opinion:
        """Return the opinion that could be had at an instant. Raises ModelError."""
        return Opinion(
            symbol=symbol,
            desk=self.desk,
            source="template",
            version="1",
            score=0.0,
            confidence=0.0,
            rationale=f"asked for an opinion within {deadline_s:g} s, found nobody who has one",
            evidence=(),
            made_ns=as_of_ns,
            valid_until_ns=as_of_ns,
        )

    def blob(self, sha: str) -> bytes:
        """Return a text that an opinion rests on. Raises ModelError when it is not kept."""
        return self._shelf.get(sha)
