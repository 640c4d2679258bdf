"""The runtime: inbox, runner, performing effects, recovery."""
