"""Look for a violation in a bounded number of lives, over a patched copy; print the law."""

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tests.simulation import test_crash_points as story
from tests.support.plan import FAULT_FORMS, Plan, draw_plan
from tests.support.world import World

CRASHES: Final = 14
SEEDS: Final = 20
SLOTS: Final = 150
# Longer lives in which something happens that the others lack: a stop that fills in part, unseen.
RARE: Final = (296,)


def lives(place: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield lives, cheapest first: the story, with crashes, with faults, seeds, rare seeds."""
    yield "story", partial(story.lived, place / "story", "")
    rng = random.Random(1)
    for number in range(CRASHES):
        point = rng.randrange(1, 640)
        yield (
            f"crash at {point}",
            partial(story.lived, place / f"c{number}", "", crash_at=point),
        )
    for number, form in enumerate(FAULT_FORMS):
        spec = form.format(p="0.4")
        yield spec, partial(story.lived, place / f"f{number}", spec)
    for seed in range(SEEDS):
        yield f"seed {seed}", partial(_seed, place / f"s{seed}", draw_plan(seed, slots=SLOTS))
    for seed in RARE:
        yield f"rare seed {seed}", partial(_seed, place / f"r{seed}", draw_plan(seed))


def _seed(place: Path, plan: Plan) -> None:
    place.mkdir()
    World(plan, place).run()


def hunt() -> dict[str, object]:
    """Return what was found, where and after how many lives."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        count = 0
        for count, (title, live) in enumerate(lives(Path(name)), start=1):
            try:
                live()
            except Exception as error:  # noqa: BLE001 - whatever ends a life has found the bug
                law = getattr(error, "law", type(error).__name__)
                return {"law": law, "where": title, "lives": count, "text": str(error)[:300]}
    return {"law": "", "where": "", "lives": count, "text": ""}


if __name__ == "__main__":
    json.dump(hunt(), sys.stdout)
