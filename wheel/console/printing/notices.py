"""Prints notices and the mails made of them."""

from config.text.texts import Texts
from notifications.endings import error_in_words
from wheel.console.printing.lines import Local, wrapped
from wheel.documents.mail import MailsDocument, NoticesDocument, WholeMail
from wheel.format import NOTICES_AND_MAILS
from wheel.reads.names import Names


def say_notices(document: NoticesDocument, t: Texts, local: Local, names: Names) -> list[str]:
    lines = []
    for notice in document.notices:
        lines += wrapped(f"{local(notice.due)}  {names.person(notice.person)}  {t(NOTICES_AND_MAILS[notice.outcome])}")
        if notice.outcome == "planned" and notice.send_after > notice.due and not notice.message:
            lines += wrapped(t("Leaves at {at} at the earliest.", at=local(notice.send_after)), "    ")
        lines += wrapped(notice.because, "    ")
        lines += wrapped(notice.key, "    ")
    for waits in document.waits:
        lines += wrapped(waits.message)
    return lines or [t("There are no notices about the plan.")]


def say_mails(document: MailsDocument, t: Texts, local: Local) -> list[str]:
    lines = []
    for mail in document.messages:
        lines += wrapped(
            f"{mail.id}  {local(mail.created_at)}  {t(NOTICES_AND_MAILS[mail.status])}  {mail.to}", "", "    "
        )
        lines += wrapped(mail.subject, "    ")
        lines += wrapped(error_in_words(mail.error, t), "    ") if mail.error else []
    return lines or [t("No mail.")]


def say_mail(document: WholeMail) -> list[str]:
    headers = [f"{name}: {value}" for name, value in document.headers.items()]
    return [*headers, "", *document.text.splitlines()]
