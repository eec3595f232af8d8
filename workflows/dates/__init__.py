"""Date rules, working days and calendars of a planning year. Pure: no clock, no database."""
