"""Figures of merit and of risk, one a file under its own name; numpy only."""
