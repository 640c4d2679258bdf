"""What stands beside a run: desks that are asked for opinions, and channels that alert a human."""

from typing import Final, Protocol, runtime_checkable

from hfl.home import Home
from hfl_config.load import LoadedConfig
from hfl_core.alerts.hub import AlertHub
from hfl_core.alerts.loader import load_channel
from hfl_core.alerts.settings import ChannelSettings
from hfl_core.ports import Clock, OpinionSource
from hfl_core.runtime.desks import Desks
from hfl_data.dataset import DatasetFeed
from hfl_models.loader import load_desk
from hfl_models.sources import DeskSources, HeadlinesOf

# Always on; others will be named in the configuration.
CHANNELS: Final = ("log",)


@runtime_checkable
class _HasHeadlines(Protocol):
    @property
    def headlines(self) -> HeadlinesOf: ...


def desks_of(loaded: LoadedConfig, feed: DatasetFeed) -> tuple[OpinionSource, ...]:
    """Return the configured desks, reading what the feed brings. Raises ConfigError."""
    headlines = feed.headlines if isinstance(feed, _HasHeadlines) else None
    sources = DeskSources(headlines=headlines)
    return tuple(load_desk(name, sources) for name in loaded.config.engine.desks)


def asked(desks: tuple[OpinionSource, ...], loaded: LoadedConfig, *, answer_wait_s: float) -> Desks:
    """Return the desks with a thread each.

    A question ends on the wall at the configured deadline, and before the run would give up
    waiting for any answer.
    """
    deadline_s = float(loaded.config.engine.opinion_deadline_s)
    return Desks(desks, deadline_s=min(deadline_s, answer_wait_s / 2))


def alert_hub(home: Home, *, run_id: str, clock: Clock) -> AlertHub:
    """Return the channels of this home, running."""
    settings = ChannelSettings(
        logs=home.paths.logs,
        source=f"{home.mode}-{home.account}",
        run_id=run_id,
        clock=clock,
    )
    return AlertHub([load_channel(name, settings) for name in CHANNELS])
