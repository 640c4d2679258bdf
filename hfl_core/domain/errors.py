"""The tree of exceptions; expected outcomes are values or events instead.

Knows nothing of who raises or catches.

    HflError
    +-- ConfigError    a file, key or value the user wrote
    +-- DataError      a feed, a data set or a row that cannot be read
    +-- JournalError   the journal cannot be opened, verified or written
    |   +-- TamperError  the chain, the head or a blob does not hold
    +-- BrokerError    says whether the order may have reached the market
    +-- ModelError     an opinion source or a model file
    +-- ControlError   a command that cannot be taken
"""

from enum import StrEnum


class HflError(Exception):
    """Carry one sentence: what was expected, what was found, what to do."""


class ConfigError(HflError):
    """Say what in the configuration cannot be used."""


class DataError(HflError):
    """Say which data cannot be used and why."""


class JournalError(HflError):
    """Say why the journal cannot be trusted or written."""


class TamperError(JournalError):
    """Say which row, head or blob does not hold."""


class ModelError(HflError):
    """Say which model or opinion source failed."""


class ControlError(HflError):
    """Say why a command cannot be taken."""


class Reached(StrEnum):
    """Whether a broker call may have reached the market."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class BrokerError(HflError):
    """Say what a broker call ended in, and whether it may have reached the market.

    `reached` is UNKNOWN unless the adapter can prove YES or NO; UNKNOWN is resolved by query, never
    by sending again.
    """

    def __init__(self, message: str, *, reached: Reached, code: str = "") -> None:
        super().__init__(message)
        self.reached = reached
        self.code = code
