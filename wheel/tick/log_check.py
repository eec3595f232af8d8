"""The daily check of the log: its chain is whole, and the tables are as it says. A fault is kept for `status`."""

from datetime import datetime
from typing import Any

from config.municipality.roles import DAEMON
from notifications.mail_settings import MailSettings
from wheel.audit.chain import Verdict, verify
from wheel.database.store import Store
from wheel.engine.unit_of_work import unit_of_work
from wheel.past.checkpoints import forget, keep_due
from wheel.past.known import first_known_entry
from wheel.past.proof import DIFFER, Proof, last_check, prove
from wheel.past.take_over import take_over
from workflows.dates.instants import utc


def check_log(store: Store, mail: MailSettings, now: datetime) -> dict[str, Any]:
    """Check the whole log at `now` (UTC), and mend its checkpoints. Returns what is wrong: a message and its facts;
    empty if nothing is."""
    with store.reading() as session:
        verdict, known = verify(session), first_known_entry(session)
        proof = prove(session) if verdict.ok and known is not None else None
    if verdict.ok and proof is None:
        _begin(store, mail, now)
    if proof is not None and proof.wrong_checkpoints:
        with unit_of_work(store, now, DAEMON, mail) as uow:
            forget(uow.session)
            uow.log("checkpoints.mended", "home", wrong=list(proof.wrong_checkpoints))
        keep_due(store)
    return _note(store, mail, now, verdict.size, _fault(verdict, proof))


def _begin(store: Store, mail: MailSettings, now: datetime) -> None:
    """Have a log that was begun by an older version state the rows, from now on."""
    with unit_of_work(store, now, DAEMON, mail) as uow:
        take_over(uow.session, uow.journal, "")


def _fault(verdict: Verdict, proof: Proof | None) -> dict[str, Any]:
    if not verdict.ok:
        return {"message": verdict.fault, "facts": {"seq": verdict.broken}}
    if proof is None or not proof.wrong:
        return {}
    return {"message": DIFFER, "facts": proof.facts}


def _note(store: Store, mail: MailSettings, now: datetime, entries: int, fault: dict[str, Any]) -> dict[str, Any]:
    """Keep when the log was checked, and the fault, or that there is none any more. Only news of a fault is logged."""
    with unit_of_work(store, now, DAEMON, mail) as uow:
        if last_check(uow.home.log_fault).fault != fault:
            uow.log("log.checked", "home", fault=fault)
        uow.set_home(log_fault={"at": utc(now), "entries": entries, **fault})
    return fault
