"""A story as JSON tells it: steps with codes, params, coordinates and times, nothing worded."""

from auditor.domain.conservation import Ending
from auditor.domain.history import Answer, Chapter, Step, Story
from kernel.headers import CE_SOURCE
from kernel.messages import Capture, ChangeEvent, Outcome, Subject, WriteCommand
from kernel.records import RecordRef
from kernel.values import Fields
from runtime.plain_json import (
    JsonObject,
    coordinates_to_json,
    document_to_json,
    fields_to_json,
    instant_to_json,
    text_or_none,
)


def answer_to_json(answer: Answer) -> JsonObject:
    return {
        "asked": answer.asked,
        "candidates": [str(ref) for ref in answer.candidates],
        "story": _story(answer.story) if answer.story else None,
    }


def _story(story: Story) -> JsonObject:
    return {
        "ref": str(story.ref),
        "heading": fields_to_json(story.heading),
        "links": [_link(ref, known) for ref, known in story.links.items()],
        "chapters": [_chapter(chapter) for chapter in story.chapters],
        "older_left_out": story.older_left_out,
    }


def _link(ref: RecordRef, known: Fields) -> JsonObject:
    return {"ref": str(ref), "known": fields_to_json(known)}


def _chapter(chapter: Chapter) -> JsonObject:
    started, ended = chapter.captured_at, chapter.ended_at
    took_ms = round((ended - started).total_seconds() * 1000) if started and ended else None
    return {
        "event_id": chapter.event_id,
        "ref": chapter.ref,
        "state": chapter.standing.state,
        "captured_at": instant_to_json(started),
        "ended_at": instant_to_json(ended),
        "took_ms": took_ms,
        "contradicting": [_ending(ending) for ending in chapter.standing.contradicting],
        "reopening": [_ending(ending) for ending in chapter.standing.reopening],
        "steps": [_step(step) for step in chapter.steps],
    }


def _ending(ending: Ending) -> JsonObject:
    return {"result": ending.result, "coordinates": coordinates_to_json(ending.at)}


def _step(step: Step) -> JsonObject:
    record, columns = step.entry.record, step.entry.columns
    return {
        "at": instant_to_json(step.at),
        "coordinates": coordinates_to_json(record.at),
        "copies": [coordinates_to_json(at) for at in step.copies],
        "id": columns.message_id,
        "type": columns.type,
        "sent_by": _header(step, CE_SOURCE),
        **_told(step),
    }


def _header(step: Step, name: str) -> str | None:
    values = (value for found, value in step.entry.record.headers if found == name and value)
    return next((value.decode(errors="replace") for value in values), None)


def _told(step: Step) -> JsonObject:
    match step.entry.message:
        case ChangeEvent() as change:
            return {"step": "captured", **_change(change)}
        case WriteCommand() as command:
            return {"step": "decided", **_command(command)}
        case Outcome(subject=Subject.COMMAND) as outcome:
            return {"step": "answered", **_outcome(outcome)}
        case Outcome(result=result) as outcome:
            return {"step": "ended" if result.is_final else "waits", **_outcome(outcome)}
        case None:
            return {"step": "unreadable", "problem": step.entry.problem}
        case _:
            return {"step": "noted"}


def _change(change: ChangeEvent) -> JsonObject:
    return {
        "ref": str(change.ref),
        "source": change.source,
        "kind": change.kind,
        "version": [change.version.major, change.version.minor],
        "captures": [_capture(capture) for capture in change.captures],
        "document": document_to_json(change.document),
        "content_hash": change.content_hash,
    }


def _capture(capture: Capture) -> JsonObject:
    return {
        "position": capture.position,
        "kind": capture.kind,
        "committed_at": instant_to_json(capture.committed_at),
        "user": capture.user,
        "origin": capture.origin,
        "changed": list(capture.changed),
    }


def _command(command: WriteCommand) -> JsonObject:
    return {
        "source": str(command.source),
        "target": str(command.target),
        "part": command.part,
        "round": command.round,
        "version": [command.version.major, command.version.minor],
        "document": document_to_json(command.document),
        "reads_back": list(command.reads_back),
        "map_hash": command.map_hash,
    }


def _outcome(outcome: Outcome) -> JsonObject:
    return {
        "command_id": outcome.command_id or None,
        "origin": coordinates_to_json(outcome.origin),
        "round": outcome.round,
        "ref": text_or_none(outcome.ref),
        "result": outcome.result,
        "code": outcome.code,
        "params": fields_to_json(outcome.params),
        "path": list(outcome.path),
        "target": text_or_none(outcome.target),
        "part": outcome.part,
        "written": text_or_none(outcome.written),
        "read_back": document_to_json(outcome.read_back),
        "waits_on": text_or_none(outcome.waits_on),
        "attempts": outcome.attempts,
        "duration_ms": outcome.duration_ms,
        "map_hash": outcome.map_hash,
        "operation_id": outcome.operation_id or None,
    }
