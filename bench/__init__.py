"""How fast Årshjul is, as ratios to the raw limit measured beside it: `python -m bench`. Never a timed test."""
