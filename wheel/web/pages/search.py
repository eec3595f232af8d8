"""Sök: plans, decisions and the log, as far as the visitor may read them."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.reads.log_entries import EXAMINED
from wheel.reads.log_sentences import tell
from wheel.reads.overviews.search import search as find
from wheel.web.forms import Form
from wheel.web.visit import visiting

router = APIRouter()

LONGEST = 200  # letters that are looked for


@router.get("/sok")
def search(request: Request, q: str = "") -> Response:
    with visiting(request, "plans") as visit:
        asked = q.strip()[:LONGEST]
        log = "log" in visit.reads
        found = find(visit.uow, asked, visit.texts, drafts="drafts" in visit.reads, whole=bool(visit.person), log=log)
        told = tell(visit.uow, found.entries, visit.texts)
        days = {
            each["seq"]: visit.local(datetime.fromisoformat(each["at"])).date() for each in found.entries if each["at"]
        }
        return visit.page(
            "search.html.j2",
            days=days,
            form=Form({"q": asked}),
            asked=asked,
            found=found,
            told=told,
            log=log,
            examined=EXAMINED,
        )
