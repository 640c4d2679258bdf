"""The journal: append-only, hash-chained, the system of record."""
