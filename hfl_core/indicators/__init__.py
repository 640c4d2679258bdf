"""Indicators over whole columns, one a file under its own name; numpy and TA-Lib."""
