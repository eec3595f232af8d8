"""The frozen types that a wheel is made of, and how a definition is put together from its files."""
