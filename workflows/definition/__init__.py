"""The frozen types of a wheel, and the expansion of variants and series into the definition of one cycle."""
