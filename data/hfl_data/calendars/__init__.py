"""When a market is open: exchanges from tables, forex from New York's week, crypto always."""
