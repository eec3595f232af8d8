"""A plan: where it stands, what is missing and whose it is, its boards, its history; and the forms of its acts."""

import re
from collections.abc import Callable
from itertools import zip_longest

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from wheel.audit.journal import history
from wheel.engine.plan import Plan
from wheel.engine.titles import title_of
from wheel.errors import Conflict, NotFound, RefusedError, Usage
from wheel.plan_address import Address
from wheel.reads.log_sentences import tell, titles_of
from wheel.reads.plan_page import PlanPage, plan_page
from wheel.reads.registers import person_names
from wheel.reads.result_documents import refused_document, write_document
from wheel.web.acts.act import Act, Call
from wheel.web.acts.table import ACTS
from wheel.web.forms import Fields, Form
from wheel.web.visit import Forbidden, SignInNeeded, Visit, labels_of_roles, parse_day, visiting
from workflows.messages import N_

router = APIRouter()

ADDRESS = re.compile(r"\b(?:mandat-)?\d{4}/[\w-]+(?:/[\w-]+)?")
CONFIRM, CHANGE = "bekrafta", "andra"  # the buttons beside `kontrollera`


@router.get("/plan/{cycle}/{phase}")
def plan(request: Request, cycle: str, phase: str, den: str | None = None, gjort: int | None = None) -> Response:
    return _plan(request, f"{cycle}/{phase}", den, gjort)


@router.get("/plan/{cycle}/{phase}/{last}")
def part_or_form(
    request: Request, cycle: str, phase: str, last: str, den: str | None = None, gjort: int | None = None
) -> Response:
    """A board's plan, or the form of an act on the whole plan: no board is called as an act is."""
    if last in ACTS:
        return _form(request, f"{cycle}/{phase}", ACTS[last])
    return _plan(request, f"{cycle}/{phase}/{last}", den, gjort)


@router.get("/plan/{cycle}/{phase}/{board}/{act}")
def form_of_part(request: Request, cycle: str, phase: str, board: str, act: str) -> Response:
    return _form(request, f"{cycle}/{phase}/{board}", _act(act))


@router.post("/plan/{cycle}/{phase}/{act}")
def act_on_plan(request: Request, cycle: str, phase: str, act: str, fields: Fields) -> Response:
    return _sent(request, f"{cycle}/{phase}", _act(act), fields)


@router.post("/plan/{cycle}/{phase}/{board}/{act}")
def act_on_part(request: Request, cycle: str, phase: str, board: str, act: str, fields: Fields) -> Response:
    return _sent(request, f"{cycle}/{phase}/{board}", _act(act), fields)


def linked(visit: Visit, page: PlanPage) -> Callable[[str], Markup]:
    """Writes a sentence of the engine with links to the plans that it names: a board of this phase by its name, another
    plan by its title."""
    said = [reason.message for reason in (*page.next, *page.later)]
    titles = titles_of(visit.uow, {address for text in said for address in ADDRESS.findall(text)}, visit.texts)

    def link(address: str) -> Markup:
        if address not in titles:
            return escape(address)
        at, here = Address.parse(address), page.plan
        of_phase = at.board and (at.cycle, at.phase) == (here.cycle.name, here.phase)
        label = page.names.bodies(address, [at.board or ""])[0] if of_phase else titles[address]
        return Markup('<a href="{}">{}</a>').format(visit.site.url(f"/plan/{address}"), label)

    def say(text: str) -> Markup:
        between = map(escape, ADDRESS.split(text))
        named = map(link, ADDRESS.findall(text))
        return Markup("").join(part for pair in zip_longest(between, named, fillvalue=Markup("")) for part in pair)

    return say


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NotFound(N_("There is nothing at this address. Check that it is complete."))
    return ACTS[name]


def _plan(request: Request, address: str, den: str | None, did: int | None) -> Response:
    with visiting(request, "plans", parse_day(den)) as visit:
        _check_draft(visit, visit.uow.plan(address))
        page = plan_page(visit.uow, address, visit.texts)
        told = (each for row in page.history for each in row)
        done = next((each for each in told if each.entry["seq"] == did), None)
        template = "plan.html.j2" if visit.person else "plan_public.html.j2"
        facts = {"page": page, "plan": page.document, "buttons": _buttons(visit, page), "linked": linked(visit, page)}
        return visit.page(template, 200, done=done, **facts)


def _check_draft(visit: Visit, plan: Plan) -> None:
    """A draft is for those who work on it: to everybody else it is not there. Raises NotFound."""
    if plan.cycle.draft and "drafts" not in visit.reads:
        raise NotFound.plan(plan.address)


def _buttons(visit: Visit, page: PlanPage) -> list[Act]:
    """The acts that the visitor may take and that fit the plan, first the one that helps it on; none on a past day."""
    if visit.at or not visit.person:
        return []
    fitting = [act for act in ACTS.values() if act.fits(visit, page.plan) and act.allowed(visit, page.plan)]
    return sorted(fitting, key=lambda act: act.path != "paminn") if page.next else fitting


def _form(request: Request, address: str, act: Act) -> Response:
    with visiting(request, "") as visit:
        plan = _plan_to_act_on(visit, address, act)
        if not act.fits(visit, plan):
            return visit.page("no_act.html.j2", act=act, plan=plan, title=title_of(plan, visit.texts.language))
        form = Form({**act.preset(visit, plan), "version": str(plan.version)})
        return _form_page(visit, plan, act, form, 200)


def _plan_to_act_on(visit: Visit, address: str, act: Act) -> Plan:
    """Raises SignInNeeded, NotFound, and Forbidden with those who may."""
    if "plans" not in visit.reads:
        raise Forbidden(labels_of_roles(visit.texts, reads="plans"))
    plan = visit.uow.plan(address)
    _check_draft(visit, plan)
    if not visit.person:
        raise SignInNeeded
    if not act.allowed(visit, plan):
        raise Forbidden(labels_of_roles(visit.texts, does=act.verb))
    return plan


def _form_page(visit: Visit, plan: Plan, act: Act, form: Form, status: int, overridable: bool = False) -> Response:
    return visit.page(
        "act.html.j2",
        status,
        act=act,
        plan=plan,
        form=form,
        title=title_of(plan, visit.texts.language),
        fields=act.fields(visit, plan),
        overridable=overridable,
    )


def _sent(request: Request, address: str, act: Act, fields: Fields) -> Response:
    """The form was sent: show its faults, or its effect, or act."""
    with visiting(request, "") as visit:
        plan, form = _plan_to_act_on(visit, address, act), Form(fields)
        if CHANGE in fields:
            return _form_page(visit, plan, act, form, 200)
        version = form.number("version")
        if version is not None and version != plan.version:
            return _stale(visit, plan, act, form)
        call = act.call(visit, plan, form)
        reason, anyway = form.get("reason"), bool(form.get("anyway"))
        if not reason and (needed := act.reason_needed(form)):
            form.faults["reason"] = visit.texts(needed)
        elif anyway and not reason:
            form.faults["reason"] = visit.texts(N_("To pass over a rule, give a reason: the log must show why."))
        if version is None:
            form.whole.append(visit.texts(N_("The form is incomplete. Open it again from the plan.")))
        if not form.ok:
            return _form_page(visit, plan, act, form, 422, overridable=anyway)
    return _carry_out(request, address, act, call, form, confirmed=CONFIRM in fields)


def _carry_out(request: Request, address: str, act: Act, call: Call, form: Form, confirmed: bool) -> Response:
    with visiting(request, "") as visit:
        asked = visit.ask(
            reason=form.get("reason"),
            anyway=bool(form.get("anyway")),
            dry_run=not confirmed,
            if_version=form.number("version"),
        )
    try:
        desk = visit.app.desk
        result = desk.carry_out(asked, call.subject, call.verb, call.action, *call.arguments, **call.named)
    except Conflict:
        with visiting(request, "") as again:
            return _stale(again, again.uow.plan(address), act, form)
    except RefusedError as error:
        reasons = refused_document(error, visit.texts).refusals
        form.whole += [reason.message for reason in reasons]
        overridable = all(reason.overridable for reason in reasons)
        with visiting(request, "") as again:
            return _form_page(again, again.uow.plan(address), act, form, 409, overridable=overridable)
    except (Usage, NotFound) as error:
        form.whole.append(visit.texts(error.message, **error.facts))
        with visiting(request, "") as again:
            return _form_page(again, again.uow.plan(address), act, form, 422)
    if confirmed:
        entry = f"?gjort={result.log[0]}" if result.log else ""
        return visit.to(f"/plan/{address}{entry}")
    with visiting(request, "") as again:
        plan = again.uow.plan(address)
        names = person_names(again.uow.session)
        return again.page(
            "check.html.j2",
            act=act,
            plan=plan,
            form=form,
            title=title_of(plan, visit.texts.language),
            fields=act.fields(again, plan),
            effect=write_document(result, visit.texts),
            state=plan.workflow.state(result.state).label.to(visit.texts.language) if result.state else "",
            told=[names.get(person, person) for person in result.told],
        )


def _stale(visit: Visit, plan: Plan, act: Act, form: Form) -> Response:
    """Somebody was faster: the form stays as it was typed, and its next try is about the plan as it is now."""
    told = tell(visit.uow, history(visit.uow.session, plan.address)[-1:], visit.texts)
    changed = N_("{who} changed the plan: {what} Check what you have written against that.")
    form.whole += [visit.texts(changed, who=each.who, what=each.said) for each in told]
    form.typed = {**form.typed, "version": str(plan.version)}
    return _form_page(visit, plan, act, form, 409)
