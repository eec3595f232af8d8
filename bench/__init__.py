"""Performance of Årshjul, as ratios to a raw limit measured in the same run: `python -m bench`. Not a test."""
