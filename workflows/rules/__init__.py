"""The named rules, the state machine that allows or refuses a step, and the timetable of a cycle."""
