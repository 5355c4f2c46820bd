"""Bring change events into the log and say where each of them stands."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from ingest.ports import ChangeLog
from kernel.errors import PermanentError
from kernel.messages import TOO_LARGE, ChangeEvent, Coordinates
from kernel.records import RecordRef
from runtime import logs, names
from runtime.process import Context


async def sent(
    events: Sequence[ChangeEvent], log: ChangeLog, ctx: Context
) -> dict[RecordRef, Coordinates]:
    """Where the last event of each document stands, once Kafka has all of them."""
    with ExitStack() as spans:
        parents = {
            event.id: spans.enter_context(
                ctx.telemetry.span(names.SPAN_CAPTURE, event.id, ref=str(event.ref))
            ).traceparent
            for event in events
        }
        try:
            coordinates = await log.send(events, parents=parents)
        except PermanentError:
            return await _sent_one_by_one(events, log, parents)
    return {event.ref: at for event, at in zip(events, coordinates, strict=True)}


async def _sent_one_by_one(
    events: Sequence[ChangeEvent], log: ChangeLog, parents: dict[str, str]
) -> dict[RecordRef, Coordinates]:
    """One of them is too large for the log: the others still arrive, and it without its content,
    so that it has an end like any other."""
    found: dict[RecordRef, Coordinates] = {}
    for event in events:
        try:
            [found[event.ref]] = await log.send([event], parents=parents)
        except PermanentError as error:
            logs.error(names.CHANGE_TOO_LARGE, str(error), ref=str(event.ref), event_id=event.id)
            bare = replace(event, document=None, content_hash=TOO_LARGE)
            [found[event.ref]] = await log.send([bare], parents=parents)
    return found
