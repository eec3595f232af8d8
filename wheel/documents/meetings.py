"""The days on which the bodies meet."""

from wheel.documents.base import Day, Document


class MeetingDocument(Document):
    body: str
    date: Day


class MeetingsDocument(Document):
    meetings: tuple[MeetingDocument, ...]
