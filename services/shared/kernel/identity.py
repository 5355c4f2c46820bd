"""Deterministic ids: deciding again on the same facts gives the same ids."""

import hashlib
from uuid import UUID

from kernel.messages import AlertState, Result, Subject, Version
from kernel.records import RecordRef
from kernel.values import Document, content_hash

NAMESPACE = UUID("5d9c2f5e-3c5b-5e4f-9b1e-7a11f57c4000")
NAMESPACE_BYTES = NAMESPACE.bytes


def event_id(source: str, ref: RecordRef, version: Version, content: str) -> str:
    """`content` is the document's hash, or what stands for it where nothing was read."""
    return _id("change", source, ref, version.major, version.minor, content)


def command_id(event: str, target: RecordRef, part: str, document: Document, rounds: int) -> str:
    return _id("command", event, target, part, content_hash(document), rounds)


def outcome_id(
    subject: Subject, event: str, command: str, rounds: int, result: Result, code: str
) -> str:
    return _id("outcome", subject, event, command, rounds, result, code)


def alert_id(subject: str, state: AlertState, event: str) -> str:
    return _id("alert", subject, state, event)


def review_id(account: RecordRef, candidate: RecordRef) -> str:
    """One pair has one review, whenever it comes up."""
    return _id("review", account, candidate)


def undecodable_event_id(topic: str, partition: int, offset: int) -> str:
    """Stands for the change in a record whose bytes say nothing."""
    return _id("undecodable", topic, partition, offset)


def _id(*parts: object) -> str:
    """The UUIDv5 of RFC 4122 over the parts, as `uuid.uuid5` makes it in more steps."""
    name = "\x1f".join(map(str, parts)).encode()
    digest = bytearray(hashlib.sha1(NAMESPACE_BYTES + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
