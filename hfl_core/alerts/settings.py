"""What an alert channel is made with."""

from dataclasses import dataclass

from hfl_core.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """logs: the logs directory; source: who speaks, such as paper-main; run_id: of this process."""

    logs: str
    source: str
    run_id: str
    clock: Clock
