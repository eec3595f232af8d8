"""The numbers of everything that `arshjul check` reports, by the code's own names. docs/checks.md explains them.

A number never changes its meaning, and the number of a removed check is not used again. E: an error, which prevents
cycles from being opened. W: a warning.
"""

NUMBERS = {
    # files
    "syntax": "E101",
    "encoding": "E102",
    "unreadable": "E103",
    "missing": "E104",
    "unknown_key": "E105",
    "wrong_kind": "E106",
    "wrong_value": "E107",
    "empty": "E108",
    "bad_identifier": "E109",
    "duplicate": "E110",
    "too_much": "E111",
    # workflows
    "unknown_state": "E201",
    "unknown_verb": "E202",
    "unreachable": "E203",
    "dead_end": "E204",
    "endless": "E205",
    "returns_forward": "E206",
    "nobody": "E207",
    "no_reached": "E208",
    "outcomes": "E209",
    "unknown_in_label": "E210",
    # the wheel
    "calendar": "E301",
    "cycle_name": "E302",
    "cycle_every": "E303",
    "unknown_cycle": "E304",
    "unknown_phase": "E305",
    "unknown_workflow": "E306",
    "unknown_ladder": "E307",
    "unknown_body": "E308",
    "unknown_party": "E309",
    "unknown_board": "E310",
    "office_decides": "E311",
    "no_boards": "E312",
    "no_follows": "E313",
    "two_openings": "E314",
    "no_opens": "E315",
    "unknown_rule": "E316",
    "no_phase": "E317",
    "no_date": "E318",
    "unknown_place": "E319",
    "never_holds": "E320",
    "series": "E321",
    "condition": "E322",
    "body_ends": "E323",
    "circle": "E324",
    "no_decision": "E325",
    # dates
    "date": "E401",
    "circular": "E402",
    "date_order": "E403",
    "distance": "E404",
    # people and meetings
    "bad_address": "E501",
    "unknown_role": "E502",
    "no_body": "E503",
    "no_contact": "E504",
    "wrong_year": "E505",
    # settings
    "extra_forbidden": "E601",
    "password": "E602",
    "no_host": "E603",
    "no_sender": "E604",
    "no_user": "E605",
    "clear": "E606",
    "far": "E607",
    "toml": "E608",
    "environment": "E609",
    "database": "E610",
    "own_file": "E611",
    "other_file": "E612",
    "listen": "E613",
    "origin": "E614",
    "prefix": "E615",
    "proxy": "E616",
    "no_address": "E617",
    "insecure": "E618",
    # surroundings
    "pypa_wheel": "W001",
    "no_mail": "W002",
    "open_to_others": "W003",
    "no_administrator": "W004",
    "no_reply_to": "W005",
    "administrator_unreached": "W006",
    # gaps
    "uncertain": "W101",
    "note": "W102",
    "undecided": "W103",
    "provisional": "W104",
    "about": "W105",
    "no_condition": "W106",
    "no_last": "W107",
    "no_board_concerned": "W108",
    "same_name": "W109",
    "unused_party": "W110",
    # dates, compared with each other and with the calendar
    "day_off": "W201",
    "order": "W202",
    "before_paper": "W203",
    "before_boards": "W204",
    "distance_short": "W205",
    "weekday": "W206",
    "same_week": "W207",
    # meetings and people
    "no_meeting": "W301",
    "no_meeting_in_time": "W302",
    "paper_late": "W303",
    "meeting_day_off": "W304",
    "body_without_contact": "W305",
    "body_absent": "W306",
    "id_tells_name": "W307",
    "no_meetings": "W308",
    # law
    "later_than_law": "W401",
    "law_not_said": "W402",
    "new_council": "W403",
    "council_not_in_office": "W404",
    "law_of_none": "W405",
}
SETTING = "E600"  # the common number of all wrong values of settings


def number(code: str) -> str:
    return NUMBERS.get(code, SETTING)


def severity(code: str) -> str:
    return "error" if number(code).startswith("E") else "warning"
