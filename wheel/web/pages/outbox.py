"""Utskick: the mails that are planned, sent, failed and withheld, and each of them as it looked."""

from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from wheel.actions.mail import find_mail
from wheel.format import NOTICES_AND_MAILS
from wheel.reads.overviews.outbox import PLANNED, ShownMail, mail_rows, planned_notices, shown_mail
from wheel.reads.registers import person_names
from wheel.reads.status import mail_problems
from wheel.web.forms import Form
from wheel.web.visit import Visit, visiting

router = APIRouter()

STATUSES = ("pending", "sending", "sent", "failed", "withheld")
# What a mail says is nobody's code: no script, no form, no request; it is framed by our own page alone.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@router.get("/utskick")
def outbox(request: Request, status: str = "", person: str = "", fore: int | None = None) -> Response:
    with visiting(request, "mail") as visit:
        if status and status not in STATUSES:
            raise HTTPException(404)
        mails, older = mail_rows(visit.uow, visit.texts, status or None, person or None, fore)
        planned = [] if status or person or fore else planned_notices(visit.uow, visit.texts)
        return visit.page(
            "outbox/mails.html.j2",
            form=Form({"status": status, "person": person}),
            problems=[visit.texts(each.message, **each.facts) for each in mail_problems(visit.uow)],
            # Whoever is told several things at one time gets one mail of them.
            planned=[
                list(told) for _, told in groupby(planned[:PLANNED], lambda each: (each.leaves, each.notice.person))
            ],
            most=PLANNED,
            more=len(planned) > PLANNED,
            mails=mails,
            older=older,
            newest=fore is None,
            asked={"status": status or None, "person": person or None},
            words={name: visit.texts(NOTICES_AND_MAILS[name]) for name in STATUSES},
            persons=sorted(person_names(visit.uow.session).items(), key=lambda each: each[1]),
        )


@router.get("/utskick/{mail}")
def one_mail(request: Request, mail: str) -> Response:
    with visiting(request, "mail") as visit:
        shown = _shown(visit, mail)
        word = visit.texts(NOTICES_AND_MAILS[shown.row.mail.status])
        return visit.page("outbox/mail.html.j2", shown=shown, word=word)


@router.get("/utskick/{mail}/html")
def mail_html(request: Request, mail: str) -> Response:
    """The HTML part, for the frame of its page."""
    with visiting(request, "mail") as visit:
        shown = _shown(visit, mail)
    return Response(shown.html, media_type="text/html", headers={"Content-Security-Policy": SANDBOX})


@router.get("/utskick/{mail}/arshjul.ics")
def mail_calendar(request: Request, mail: str) -> Response:
    with visiting(request, "mail") as visit:
        shown = _shown(visit, mail)
    if not shown.calendar:
        raise HTTPException(404)
    return Response(shown.calendar, media_type="text/calendar", headers=_file("arshjul.ics"))


@router.get("/utskick/{mail}/mejl.eml")
def mail_bytes(request: Request, mail: str) -> Response:
    """The mail byte for byte, as its SHA-256 says."""
    with visiting(request, "mail") as visit:
        body = find_mail(visit.uow, mail).body
    return Response(body, media_type="message/rfc822", headers=_file("mejl.eml"))


def _shown(visit: Visit, mail: str) -> ShownMail:
    """Raises NotFound."""
    return shown_mail(visit.uow, find_mail(visit.uow, mail), visit.texts)


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
