"""Drift: whether all is well, and what monitoring asks: whether the process answers and reaches its database."""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from wheel.daemon_intervals import PERIOD
from wheel.errors import ArshjulError
from wheel.past.proof import last_check
from wheel.reads.status import status
from wheel.web.visit import Site, visiting
from workflows.messages import N_

router = APIRouter()
logger = logging.getLogger(__name__)

# What to do about the problems whose own sentence does not tell it.
CURES = {
    "daemon_silent": N_("Start the service on the server. The server's journal tells why it stopped."),
    "mail_failing": N_("The mail server puts mail off. Look at what it answers. Mail is tried for five days."),
    "mail_waiting": N_("Check that the mail server is up. Mail is tried for five days."),
    "mail_failed": N_("Look at why, correct the address or the server, and have the mails sent again."),
    "mail_held": N_("Look at what waits. An administrator or operator releases it."),
    "mail_off": N_("If that is not meant, turn mail on in the settings and restart the service."),
    "mail_redirected": N_("If that is not meant, empty the setting and restart the service."),
    "mail_withheld": N_("Have those mails sent after all, or put them on hold for good."),
    "backup_failed": N_("Correct the cause and make a backup."),
    "backup_old": N_("Check why no backup was made last night."),
    "backup_missing": N_("Have a backup made every night."),
    "open_to_others": N_("Let only the service's own user read these files."),
    "log_wrong": N_("Find out who has changed the database, and keep a copy of it as it is."),
    "put_aside": N_("The server's journal has the cause. Report it as a fault of the program."),
    "nobody_reached": N_("Give somebody the role in the body, or an address."),
    "administrator_unreached": N_("Give them an address."),
}


@router.get("/drift")
def health(request: Request) -> Response:
    with visiting(request, "health") as visit:
        app = visit.app
        document = status(visit.uow.session, app.mail, visit.uow.now, visit.texts, app.own_files)
        last_run = document.daemon.last_tick
        return visit.page(
            "health.html.j2",
            document=document,
            cures={code: visit.texts(text) for code, text in CURES.items()},
            next_run=last_run + PERIOD if last_run and document.daemon.alive else None,
            checked=last_check(visit.uow.home.log_fault).at,
            database=("SQLite" if app.store.dialect == "sqlite" else "PostgreSQL", app.store.place),
        )


@router.get("/healthz")
def alive() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> PlainTextResponse:
    site: Site = request.app.state.site
    try:
        site.app.store.check_schema()
    except ArshjulError as error:
        logger.warning("not ready: %s", error)  # its sentence names a path, which is nothing for strangers
        return PlainTextResponse("not ready\n", 503)
    return PlainTextResponse("ok\n")
