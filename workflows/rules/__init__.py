"""The named rules, the state machine that decides a step, and the timetable that a cycle's dates come from."""
