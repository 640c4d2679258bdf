"""The paper venue: an outside party with its own process and store."""
