"""The verbs of `hfl`, one file each; imported only when typed."""
