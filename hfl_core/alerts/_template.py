"""How to add an alert channel: copy this file, name it as the user will name it, fill in `send`.

The rules that tests/alerts/test_channels.py holds every channel to:

1. `send` may block and may raise: it runs on the channel's own thread, and the hub says later how
   many alerts were lost. It never waits for ever: every call to the outside has a deadline.
2. Texts may hold anything a vendor or a headline said: they are data, never markup, never a
   command, and are cut to what the channel can carry.
3. No secret in a message, a file name or an exception.
4. Heavy libraries are imported inside `__init__`, so that `hfl` starts fast without them.
"""

from hfl_core.alerts.settings import ChannelSettings
from hfl_core.domain.effects import RaiseAlert


class Channel:
    """Implements hfl_core.ports.AlertSink: says nothing to nobody."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings

    def send(self, alert: RaiseAlert) -> None:
        """Tell a human. Raises OSError when that is not possible now."""
        raise NotImplementedError(f"{self._settings.source}: {alert.text}")
