"""Arbetsflöden: the workflows of the wheel as picture and words."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.reads.overviews.workflow_pages import workflow_list, workflow_page
from wheel.web.visit import SignInNeeded, visiting

router = APIRouter()


@router.get("/floden")
def workflows(request: Request) -> Response:
    with visiting(request, "plans") as visit:
        if not visit.person:  # a public wheel shows its plans, and not its rules
            raise SignInNeeded
        found = workflow_list(visit.uow, visit.texts, drafts="drafts" in visit.reads)
        return visit.page("workflows.html.j2", found=found)


@router.get("/floden/{workflow}")
def workflow(request: Request, workflow: str) -> Response:
    with visiting(request, "plans") as visit:
        if not visit.person:
            raise SignInNeeded
        found = workflow_page(visit.uow, workflow, visit.texts, drafts="drafts" in visit.reads)
        return visit.page("workflow.html.j2", found=found)
