"""Market data: feeds, normalisation, quality."""
