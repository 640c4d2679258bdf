"""The tone of one headline from a small list of words, written for this project.

The list holds what happened ("climbs", "inquiry"), never what somebody should do: buy, sell, long
and short are not in it, so that an order in a text has no tone. Rules: a strong word counts twice;
"no", "not", "without" and the like turn the next three words of their clause round and halve them;
the sum is divided by three and cut at -1 and 1. Words of other alphabets are not in the list.
"""

import hashlib
import re
from typing import Final

_UP: Final = """
advance advances advanced approval approved approves beat beats climb climbs climbed confident
demand dividend exceed exceeds expand expands expansion gain gains gained growth
grow grows growing higher improve improves improved inflow inflows innovation jump jumps jumped lift
lifts lifted milestone optimism optimistic outperform outperforms partnership positive profit
profits profitable progress raise raises raised rally rallies rallied rebound rebounds rebounded
recover recovers recovered recovery resilient rise rises rising rose stronger strong strength
succeed succeeds success surplus tops topped upbeat upgrade upgrades upgraded upside upturn win wins
"""
_UP_STRONG: Final = """
blockbuster boom booming skyrocket skyrockets soar soars soared surge surges surged
"""
_DOWN: Final = """
concern concerns cut cuts decline declines declined default defaults deficit delay delayed delays
disappoint disappoints disappointing dispute downgrade downgrades downgraded downturn drop drops
dropped fall falls fell falling fear fears fine fined headwind headwinds hurt hurts inquiry
investigation lawsuit lawsuits layoff layoffs lose loses losing loss losses lower miss misses missed
negative outage outflow outflows penalty pessimism pessimistic pressure probe recall recalls
recession resign resigns retreat retreats risk risks sanction sanctions selloff shortfall shrink
shrinks slide slides slid slump slumps slumped slow slows slowdown sue sues sued suspend suspended
suspends tumble tumbles tumbled uncertain uncertainty underperform underperforms volatile warn warns
warned warning weak weaker weakness weigh weighs withdrawal withdrawals worry worries worse worsen
"""
_DOWN_STRONG: Final = """
bankrupt bankruptcy breach collapse collapses collapsed crash crashes crashed crisis delist delisted
delisting fraud hack hacked insolvency insolvent liquidation panic plunge plunges plunged plummet
plummets plummeted scandal theft
"""
_TURN: Final = """
no not never none without nor neither isnt wasnt arent doesnt didnt wont cannot fails
"""
_TURNING: Final = frozenset(_TURN.split())
_TURNS_WORDS: Final = 3
# A word, or what ends a clause.
_WORD: Final = re.compile(r"[,;:.!?]|[a-z]+(?:['\u2019][a-z]+)?")
_FULL_SUM: Final = 3.0

WEIGHTS: Final[dict[str, int]] = {
    word: weight
    for words, weight in ((_UP, 1), (_UP_STRONG, 2), (_DOWN, -1), (_DOWN_STRONG, -2))
    for word in words.split()
}
# Which list judged: changes with every word and weight.
WORDS_VERSION: Final = hashlib.sha256(repr(sorted(WEIGHTS.items())).encode()).hexdigest()[:8]


def tone(text: str) -> float:
    """Return what a cleaned headline says: -1 (bad news) to 1 (good news), 0 for nothing known."""
    total = 0.0
    turned = 0
    for word in _WORD.findall(text.casefold()):
        plain = word.replace("'", "").replace("\u2019", "")
        if plain in _TURNING:
            turned = _TURNS_WORDS
            continue
        weight = float(WEIGHTS.get(plain, 0))
        if not plain.isalpha():
            turned = 0
        total += -weight / 2 if turned else weight
        turned = max(0, turned - 1)
    return max(-1.0, min(1.0, total / _FULL_SUM))
