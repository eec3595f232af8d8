"""Prints the first lines of `arshjul up`: the home, the database, the mail route, the next events."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wheel.app import App

NEXT = 5  # alarms that are shown
LOOKED_AT = 500  # plans read: just after `open` all are due, and the first may have no alarm ahead


def startup_lines(app: "App") -> list[str]:
    t = app.texts
    lines = [t("Årshjul is running. Press Ctrl-C to stop it.")]
    if app.practice:
        lines.append(t("*** PRACTICE: you set the clock, no mail goes out ***"))
    if app.mode == "off":
        lines.append(t("*** MAIL IS OFF: nobody is reminded ***"))
    if app.mail.redirect_to:
        lines.append(t("*** ALL MAIL GOES TO {address} ***", address=app.mail.redirect_to))
    mail = {
        "folder": t("into the folder {folder}", folder=app.home.mailbox),
        "smtp": t("to the server {host}", host=app.mail.host),
        "off": t("off"),
    }[app.mode]
    lines += [
        t("Home: {home}", home=app.home.root),
        t("Database: {place}", place=app.store.place),
        t("Mail: {mail}", mail=mail),
    ]
    return lines + _next(app)


def _next(app: "App") -> list[str]:
    """The next few alarms."""
    from sqlalchemy import select

    from wheel.console.printing.lines import wrapped
    from wheel.console.printing.plans import alarm_words
    from wheel.engine.unit_of_work import PLAN, UnitOfWork
    from wheel.reads.names import names_at
    from wheel.reads.plans import alarm_document

    t = app.texts
    with app.store.reading() as session:
        uow = UnitOfWork(session, app.clock(), "", app.mail, lock=False)
        rows = select(PLAN).where(PLAN.c.wake_at.is_not(None)).order_by(PLAN.c.wake_at, PLAN.c.id).limit(LOOKED_AT)
        plans = uow.plans(rows)
        names = names_at(uow, [plan.address for plan in plans], t.language)
        found = []
        for plan in plans:
            ahead = [alarm for alarm in uow.agenda(plan) if alarm.at > uow.now]
            for alarm in ahead[:1]:
                when = f"{uow.calendar(plan.cycle).local(alarm.at):%Y-%m-%d %H:%M}"
                words = alarm_words(alarm_document(uow, plan, alarm), t, plan.address, names)
                found.append(f"{when}  {plan.address}: {words}")
    if not found:
        return [t("Nothing is planned. Open a cycle with `arshjul open CYCLE --actor NAME`.")]
    return [t("Coming next:"), *(line for row in sorted(found)[:NEXT] for line in wrapped(row, "  ", "      "))]
