"""Control: the stop ladder, the emergency listener and the API."""
