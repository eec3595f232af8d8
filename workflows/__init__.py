"""A planning year as data: date rules, workflows and rules, and the pure code that checks and applies them."""
