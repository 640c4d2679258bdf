"""What a case asks for and this program cannot do yet."""


class NotBuiltError(Exception):
    """Say what is missing."""
