"""The state machines of a planning year as data, and the pure code that checks and runs them."""
