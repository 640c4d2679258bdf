"""The gateway: the last checks before a broker call."""
