"""Find a record by its ref or its bare id and gather its story."""

from collections.abc import Sequence

from auditor.app.read import entries_of
from auditor.domain.history import (
    Answer,
    Entry,
    Mention,
    long_id,
    normal,
    other_halves,
    refs_with_id,
    told,
)
from auditor.ports import Shelf
from kernel.codec import Codec
from kernel.identity import undecodable_event_id
from kernel.records import RecordRef

CHANGES_TOLD_MAX = 50
RECORDS_READ_MAX = 5_000


async def trace(asked: str, shelf: Shelf, codec: Codec) -> Answer:
    """ValueError where nothing is named, or a ref names no system."""
    if not asked.strip():
        raise ValueError("no record is named: give system:kind:id or a bare id")
    refs, mentions = await _named(asked.strip(), shelf)
    if len(refs) != 1 or not mentions:
        return Answer(asked=asked, candidates=tuple(refs) if mentions else (), story=None)
    ref = refs[0]
    halves = other_halves(ref, mentions)
    event_ids = await _events(ref, halves, shelf)
    entries = await _entries(event_ids[:CHANGES_TOLD_MAX], shelf, codec)
    left_out = max(0, len(event_ids) - CHANGES_TOLD_MAX)
    story = told(ref, halves, entries, left_out)
    return Answer(asked=asked, candidates=(ref,), story=story)


async def _named(asked: str, shelf: Shelf) -> tuple[list[RecordRef], Sequence[Mention]]:
    if ":" in asked:
        ref = normal(RecordRef.parse(asked))
        return [ref], await shelf.mentions(str(ref))
    record_id = long_id(asked)
    mentions = await shelf.mentions(record_id)
    return refs_with_id(record_id, mentions), mentions


async def _events(ref: RecordRef, halves: Sequence[RecordRef], shelf: Shelf) -> list[str]:
    """Of the record and of its other halves, each once, the record's own first."""
    found = list(await shelf.events(str(ref), CHANGES_TOLD_MAX + 1))
    for half in halves:
        found += await shelf.events_captured(str(half), CHANGES_TOLD_MAX + 1)
    return list(dict.fromkeys(found))


async def _entries(event_ids: Sequence[str], shelf: Shelf, codec: Codec) -> list[Entry]:
    records = await shelf.records(event_ids, RECORDS_READ_MAX)
    entries = entries_of(records, codec)
    ended_apart = {
        undecodable_event_id(at.topic, at.partition, at.offset)
        for at in (entry.record.at for entry in entries if entry.message is None)
    } - set(event_ids)
    more = await shelf.records(ended_apart, RECORDS_READ_MAX) if ended_apart else []
    return entries + entries_of(more, codec)
