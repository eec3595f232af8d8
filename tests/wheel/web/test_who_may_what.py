"""The rights of each person: every address of the pages, asked by everybody there can be. The table documents it."""

from fastapi.routing import APIRoute
from starlette.routing import Match

from tests.support.installed import Arshjul, at
from tests.support.site import PASSWORD, Site
from wheel.web.acts.table import ACTS
from wheel.web.application import GROUPS

PEOPLE = {
    "admin": "admin",  # an administrator
    "own": "socialnamnden-officer",  # an officer, and the secretary, of the board whose plans are asked for
    "other": "byggnadsnamnden-officer",  # the same of another board
    "secr": "kf-secretary",  # the secretary of the council
    "chair": "socialnamnden-chair",
    "head": "socialnamnden-head",
    "audit": "revisor-1",
    "read": "reader-1",
    "oper": "operator-1",
    "ended": "slutat-1",  # whose roles have ended
    "none": "",  # a stranger
}

# 200 the page, 303 to sign-in (of logga-ut and logg: done, and on to the next page), 302 to this year, 403 not allowed,
# 404 not there (a draft to whoever may not see drafts), 422 allowed, and the empty form is told what it lacks.
TABLE = """
address                                              admin own other secr chair head audit read oper ended none
GET  /                                                302  302  302  302  302  302  302  302  302  302  302
GET  /logga-in                                        303  303  303  303  303  303  303  303  303  303  200
GET  /tillganglighet                                  200  200  200  200  200  200  200  200  200  200  200
GET  /sakerhet                                        200  200  200  200  200  200  200  200  200  200  200
GET  /healthz                                         200  200  200  200  200  200  200  200  200  200  200
GET  /valkommen/unknown                               404  404  404  404  404  404  404  404  404  404  404
GET  /konto                                           200  200  200  200  200  200  200  200  200  200  303
GET  /att-gora                                        200  200  200  200  200  200  200  200  200  200  303
GET  /2027                                            200  200  200  200  200  200  200  200  200  403  303
GET  /2027/hjul.svg                                   200  200  200  200  200  200  200  200  200  403  303
GET  /2027/laget                                      200  200  200  200  200  200  200  200  200  403  303
GET  /kalender                                        200  200  200  200  200  200  200  200  200  403  303
GET  /sok                                             200  200  200  200  200  200  200  200  200  403  303
GET  /namnd/socialnamnden                             200  200  200  200  200  200  200  200  200  403  303
GET  /floden                                          200  200  200  200  200  200  200  200  200  403  303
GET  /logg                                            200  403  403  403  403  403  200  403  403  403  303
GET  /logg/1                                          200  403  403  403  403  403  200  403  403  403  303
GET  /utskick                                         200  403  403  403  403  403  200  403  200  403  303
GET  /drift                                           403  403  403  403  403  403  403  403  200  403  303
GET  /plan/2027/delarsrapport-april                   200  200  200  200  200  200  200  200  200  403  303
GET  /plan/2027/delarsrapport-april/socialnamnden     200  200  200  200  200  200  200  200  200  403  303
GET  /plan/2027/finns-inte                            404  404  404  404  404  404  404  404  404  403  303
GET  /plan/2028/tidsplan                              200  200  200  200  404  200  200  404  404  403  303
GET  BOARD/klar                                       200  200  403  403  403  403  403  403  403  403  303
GET  BOARD/angra                                      200  200  403  403  403  403  403  403  403  403  303
GET  BOARD/sedd                                       200  200  403  403  403  403  403  403  403  403  303
GET  BOARD/hall                                       200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/slapp                                      200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/flytta                                     200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/paminn                                     200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/vila                                       200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/oppna-igen                                 200  403  403  403  403  403  403  403  403  403  303
GET  BOARD/dra-tillbaka                               200  403  403  403  403  403  403  403  403  403  303
POST BOARD/klar                                       422  422  403  403  403  403  403  403  403  403  303
POST BOARD/angra                                      422  422  403  403  403  403  403  403  403  403  303
POST BOARD/sedd                                       422  422  403  403  403  403  403  403  403  403  303
POST BOARD/hall                                       422  403  403  403  403  403  403  403  403  403  303
POST BOARD/slapp                                      422  403  403  403  403  403  403  403  403  403  303
POST BOARD/flytta                                     422  403  403  403  403  403  403  403  403  403  303
POST BOARD/paminn                                     422  403  403  403  403  403  403  403  403  403  303
POST BOARD/vila                                       422  403  403  403  403  403  403  403  403  403  303
POST BOARD/oppna-igen                                 422  403  403  403  403  403  403  403  403  403  303
POST BOARD/dra-tillbaka                               422  403  403  403  403  403  403  403  403  403  303
POST COUNCIL/beslut                                   422  403  403  422  403  403  403  403  403  403  303
POST COUNCIL/aterremiss                               422  403  403  422  403  403  403  403  403  403  303
POST COUNCIL/bordlagg                                 422  403  403  422  403  403  403  403  403  403  303
POST COUNCIL/ratta                                    422  403  403  422  403  403  403  403  403  403  303
POST COUNCIL/klar                                     422  403  403  403  403  403  403  403  403  403  303
POST COUNCIL/hall                                     422  403  403  403  403  403  403  403  403  403  303
GET  COUNCIL/beslut                                   200  403  403  200  403  403  403  403  403  403  303
POST /logg                                            303  403  403  403  403  403  303  403  403  403  303
POST /valkommen/unknown                               404  404  404  404  404  404  404  404  404  404  404
POST /plan/2028/tidsplan/hall                         422  403  403  403  404  403  403  404  404  403  303
"""
SHORT = {"BOARD": "/plan/2027/delarsrapport-april/socialnamnden", "COUNCIL": "/plan/2027/budgetfaststallelse"}

# Addresses that are no page of their own, or that ask as their neighbour in the table does.
ALIKE = {
    "GET /{year:int}/hjul.png": "GET /{year:int}/hjul.svg",
    "GET /{year:int}/hjul.pdf": "GET /{year:int}/hjul.svg",
    "GET /floden/{workflow}": "GET /floden",
    "GET /utskick/{mail}": "GET /utskick",
    "GET /utskick/{mail}/html": "GET /utskick",
    "GET /utskick/{mail}/arshjul.ics": "GET /utskick",
    "GET /utskick/{mail}/mejl.eml": "GET /utskick",
    "GET /readyz": "GET /healthz",
}
OPEN = {"GET /static/{name}", "GET /favicon.ico", "POST /logga-in", "POST /logga-ut"}  # for everybody: see their tests


def rows() -> list[tuple[str, str, dict[str, int]]]:
    """Method, path and the answer to each."""
    head, *lines = TABLE.strip().splitlines()
    columns = head.split()[1:]
    assert columns == list(PEOPLE)
    found = []
    for line in lines:
        method, path, *codes = line.split()
        first, _, rest = path.partition("/")
        found.append(
            (method, f"{SHORT[first]}/{rest}" if first else path, dict(zip(columns, map(int, codes), strict=True)))
        )
    return found


def test_everybody_gets_the_answer_of_the_table(begun: Arshjul, begun_pages: Site) -> None:
    admin = ("--actor", "admin")
    name = ("--name", "Slutat", "--email", "slutat@example.se", "--role", "reader", "--from", "2027-01-01")
    begun.done("people", "add", "slutat-1", *name, "--to", "2027-05-31", *admin, now=at("2027-02-01"))
    wrong = []
    for who, person in PEOPLE.items():
        with begun_pages.browser() as browser:
            if person:
                begun_pages.account(person)
                signed = browser.post("/logga-in", data={"name": person, "password": PASSWORD})
                assert signed.status_code == 303, person
            for method, path, expected in rows():
                answer = browser.request(method, path, data={"kontrollera": "ja"} if method == "POST" else None)
                if answer.status_code != expected[who]:
                    wrong.append(f"{method} {path} as {who}: {answer.status_code}, not {expected[who]}")
                if answer.status_code == 303 and not person:
                    assert answer.headers["location"].startswith("/logga-in?next="), path
    assert wrong == []


def test_the_table_has_every_address_and_every_act() -> None:
    routes = [route for group in GROUPS for route in group.router.routes if isinstance(route, APIRoute)]
    tried = set(ALIKE) | OPEN
    for method, path, _ in rows():
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        tried |= {f"{method} {route.path}" for route in routes if route.matches(scope)[0] is Match.FULL}
    served = {f"{method} {route.path}" for route in routes for method in route.methods or ()}
    assert served - tried == set(), "add a row to the table"
    assert set(ALIKE.values()) <= tried
    assert set(ACTS) <= {path.rpartition("/")[2] for method, path, _ in rows() if method == "POST"}
