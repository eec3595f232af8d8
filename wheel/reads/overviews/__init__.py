"""What readers see of many plans at once: where the boards are, the days of a year, one board's part, the workflows."""
