"""How a file of bars is inspected: what is read, in which order, and how a finding is told."""
