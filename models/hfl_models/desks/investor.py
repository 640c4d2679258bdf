"""The investor's desk: what the headlines of the last three days say, by a list of words.

No model and no network. Each headline is cleaned (clean_text.py) and toned (finance_words.py);
equal ones count once, suspect ones not at all, newer ones more (half as much every twelve hours).
score: the weighted mean tone; confidence: how far they agree, times n / (n + 3) for n headlines
with a tone, so that one alone says little. A headline later than the question is never read.
"""

import time
from typing import Final, NamedTuple

from hfl_core.domain.errors import ModelError
from hfl_core.domain.ids import Symbol
from hfl_core.domain.opinions import Opinion
from hfl_models.clean_text import RAW_CHARS_MAX, clean
from hfl_models.evidence import EvidenceShelf
from hfl_models.finance_words import WORDS_VERSION, tone
from hfl_models.sources import DeskSources

HOUR_NS: Final = 3_600 * 1_000_000_000
WINDOW_NS: Final = 72 * HOUR_NS
HALF_LIFE_NS: Final = 12 * HOUR_NS
VALID_NS: Final = 6 * HOUR_NS
# The newest ones; what is older counts less than 2 % anyway in a busy week.
HEADLINES_MAX: Final = 20
QUOTE_CHARS_MAX: Final = 120
_DOUBT: Final = 3


class _Read(NamedTuple):
    """A headline as it was read. time_ns: when it could be read first; weight: 1 when just out."""

    time_ns: int
    text: str
    weight: float
    tone: float
    is_suspect: bool


class Desk:
    """Implements hfl_core.ports.OpinionSource."""

    desk = "investor"

    def __init__(self, sources: DeskSources) -> None:
        self._headlines = sources.headlines
        self._shelf = EvidenceShelf()

    def ask(self, symbol: Symbol, *, as_of_ns: int, deadline_s: float) -> Opinion:
        """Return the opinion that could be had at an instant.

        Raises ModelError when the headlines cannot be had, or not within deadline_s.
        """
        until_s = time.monotonic() + deadline_s
        if self._headlines is None:
            return _opinion(symbol, as_of_ns, "this feed brings no headlines")
        raw = self._texts(symbol, as_of_ns)
        if not raw:
            return _opinion(symbol, as_of_ns, "no headlines in the last 72 hours")
        evidence = []
        read = []
        seen: set[str] = set()
        for time_ns, text in raw:
            if time.monotonic() > until_s:
                raise ModelError(
                    f"expected to read {len(raw)} headlines on {symbol} within {deadline_s:g} s, "
                    f"found it not done: raise engine.opinion_deadline_s"
                )
            evidence.append(self._shelf.put(symbol=symbol, time_ns=time_ns, text=text))
            visible, is_suspect = clean(text)
            if visible.casefold() in seen:
                continue
            seen.add(visible.casefold())
            weight = 0.5 ** ((as_of_ns - time_ns) / HALF_LIFE_NS)
            own = 0.0 if is_suspect else tone(visible)
            read.append(_Read(time_ns, visible, weight, own, is_suspect))
        return _judged(symbol, as_of_ns, read, tuple(dict.fromkeys(evidence)))

    def blob(self, sha: str) -> bytes:
        """Return a text that an opinion rests on. Raises ModelError when it is not kept."""
        return self._shelf.get(sha)

    def _texts(self, symbol: str, as_of_ns: int) -> list[tuple[int, str]]:
        """Return (time, text) of the window's newest headlines, oldest first, cut to length."""
        assert self._headlines is not None
        try:
            found = [
                (headline.time_ns, headline.text[:RAW_CHARS_MAX])
                for headline in self._headlines(symbol, as_of_ns)
                if as_of_ns - WINDOW_NS < headline.time_ns <= as_of_ns
            ]
        except Exception as error:  # a foreign source may raise anything
            raise ModelError(
                f"expected the headlines on {symbol}, found {type(error).__name__}: "
                "look at the feed that brings them"
            ) from error
        return sorted(found)[-HEADLINES_MAX:]


def _judged(symbol: Symbol, as_of_ns: int, read: list[_Read], evidence: tuple[str, ...]) -> Opinion:
    toned = [each for each in read if each.tone]
    total = sum(each.weight * each.tone for each in toned)
    strength = sum(each.weight * abs(each.tone) for each in toned)
    heard = sum(each.weight for each in read if not each.is_suspect)
    score = total / heard if heard else 0.0
    agreement = abs(total) / strength if strength else 0.0
    up = sum(each.tone > 0 for each in toned)
    aside = sum(each.is_suspect for each in read)
    words = (
        f"{len(read)} headlines in 72 hours: {up} good, {len(toned) - up} bad, "
        f"{len(read) - len(toned) - aside} without a tone, {aside} set aside"
    )
    if toned:
        loudest = max(toned, key=lambda each: (each.weight * abs(each.tone), each.time_ns))
        words = f"{words}; loudest: “{loudest.text[:QUOTE_CHARS_MAX]}”"
    return _opinion(
        symbol,
        as_of_ns,
        words,
        score=round(score, 4) + 0.0,
        confidence=round(agreement * len(toned) / (len(toned) + _DOUBT), 4),
        evidence=evidence,
    )


def _opinion(
    symbol: Symbol,
    as_of_ns: int,
    rationale: str,
    *,
    score: float = 0.0,
    confidence: float = 0.0,
    evidence: tuple[str, ...] = (),
) -> Opinion:
    return Opinion(
        symbol=symbol,
        desk=Desk.desk,
        source="headlines",
        version=f"1-{WORDS_VERSION}",
        score=score,
        confidence=confidence,
        rationale=rationale,
        evidence=evidence,
        made_ns=as_of_ns,
        valid_until_ns=as_of_ns + VALID_NS,
    )
