"""A record of the log as it is handed to a service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from confluent_kafka import Message

from kernel.headers import TRACEPARENT
from kernel.messages import Coordinates

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEADER_BYTES = 150
"""What a header takes in memory, its name shared with others."""


@dataclass(frozen=True, slots=True)
class Record:
    """`timestamp` is the time at which Kafka appended it. Bytes of a key or a header that are
    not UTF-8 show as backslash escapes."""

    coordinates: Coordinates
    key: str
    value: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timestamp: datetime
    key_bytes: bytes | None = field(default=None, repr=False)
    header_bytes: tuple[tuple[str, bytes | None], ...] = field(default=(), repr=False)
    """Key and headers exactly as they stand in the log, in their order: the auditor keeps them."""

    @property
    def traceparent(self) -> str | None:
        return self.headers.get(TRACEPARENT)


def record_of(message: Message) -> Record:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    key, headers = message.key(), _header_bytes(message)
    return Record(
        Coordinates(topic, partition, offset),
        _text(key),
        message.value(),
        _headers(headers),
        EPOCH + timedelta(milliseconds=message.timestamp()[1]),
        key.encode() if isinstance(key, str) else key,
        headers,
    )


def size_of(message: Message) -> int:
    """Bytes that the record is counted with against the memory it may take."""
    return len(message) + len(message.key() or b"") + HEADER_BYTES * len(message.headers() or ())


def _header_bytes(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    found = message.headers() or ()
    return tuple(found.items() if isinstance(found, dict) else found)  # type: ignore[arg-type]  # the client gives bytes


def _headers(pairs: tuple[tuple[str, bytes | None], ...]) -> dict[str, str]:
    try:
        return {name: value.decode() for name, value in pairs}  # type: ignore[union-attr]  # the usual case, the rest is caught
    except (AttributeError, UnicodeDecodeError):
        return {name: _text(value) for name, value in pairs}


def _text(data: bytes | str | None) -> str:
    if data is None:
        return ""
    return data if isinstance(data, str) else data.decode(errors="backslashreplace")
