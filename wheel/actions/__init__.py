"""The verbs of an administrator: on plans (a file each; `hold.py` has `release` too, `snooze.py` its end), on single
mails, on meetings, on people. Those on a whole cycle are in `wheel/cycles/`, the hold of all mail in `wheel/mail/`."""
