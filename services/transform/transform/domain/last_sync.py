"""When the two halves of a record last agreed, by NetSuite's clock, as Salesforce shows it.

The moment travels with whatever else is told. Alone it is told only after a write of ours that
NetSuite confirmed, and then once an hour at most, so that it does not double the writes.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from kernel.messages import EPOCH, Version
from kernel.records import RecordRef
from kernel.values import Document, Value, value_hash
from transform.domain.facts import Facts

FIELD = "NS_Last_Sync__c"
MOMENT = "synced.at"
"""What a map reads: the field is worked out from the version of the reading."""
HOUR = "last-sync:hour"
"""Stands among what is remembered of a record, with the hash of the hour that was told last."""


def moment_of(version: Version) -> datetime | None:
    """The minute in which NetSuite last changed the record; None where it was not said."""
    return EPOCH + timedelta(seconds=version.major) if version.major else None


def with_moment(document: Document, version: Version) -> Document:
    moment = moment_of(version)
    if moment is None:
        return document
    return Document({**document.fields, MOMENT: moment}, document.lines)


def is_alone(document: Document) -> bool:
    return document.fields.keys() == {FIELD}


def is_new_hour(document: Document, target: RecordRef, facts: Facts) -> bool:
    """Whether the hour that the document tells was not told before."""
    return facts.applied.get((target, HOUR)) != _hour(document.fields[FIELD])


def remembered(target: RecordRef, document: Document) -> Mapping[tuple[RecordRef, str], str]:
    """What is kept of a document that was written: the hour, where it tells one."""
    told = document.fields.get(FIELD)
    return {(target, HOUR): _hour(told)} if told is not None else {}


def _hour(moment: Value) -> str:
    if not isinstance(moment, datetime):
        return value_hash(moment)
    return value_hash(moment.replace(minute=0, second=0, microsecond=0))
