"""AI desks and model loaders."""
