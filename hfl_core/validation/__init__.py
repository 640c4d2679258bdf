"""Tools that doubt a result: splits, resampling, overfitting, look-ahead. Know no engine."""
