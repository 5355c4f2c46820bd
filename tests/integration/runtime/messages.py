"""Small messages that name only what a test is about."""

import uuid

from kernel.messages import Coordinates, Outcome, Result, Subject
from kernel.records import salesforce


def an_outcome(key: str = "006", *, event_id: str = "", path: tuple[str, ...] = ()) -> Outcome:
    return Outcome(
        id=str(uuid.uuid4()),
        subject=Subject.CHANGE,
        event_id=event_id or str(uuid.uuid4()),
        origin=Coordinates("salesforce.changes.v1", 0, 0),
        ref=salesforce("Opportunity", key),
        result=Result.APPLIED,
        code="APPLIED",
        path=path,
    )
