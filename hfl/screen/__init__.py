"""What the screen is given: reasons, gauges, stops, all with the code of the command line."""
