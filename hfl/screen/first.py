"""Whether a home is looked at for the first time; one that cannot be written never says so."""

from pathlib import Path


class FirstTime:
    """Call it: true once a home, ever after false."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __call__(self) -> bool:
        try:
            self._marker.parent.mkdir(parents=True, exist_ok=True)
            self._marker.touch(exist_ok=False)
        except OSError:
            return False
        return True
