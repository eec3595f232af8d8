"""The actions on a whole cycle: open it, change its dates, replace its timetable, migrate it."""
