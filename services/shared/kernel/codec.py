"""Bytes of a Kafka record ↔ the messages: Confluent's frame (0, schema id, Avro body)."""

import io
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.types import Schema

from kernel.avro_reading import Read, reader_of
from kernel.avro_writing import Write, writer_of
from kernel.errors import PermanentError
from kernel.messages import Alert, ChangeEvent, Message, Operation, Outcome, WriteCommand

FRAME = struct.Struct(">bI")
MAGIC = 0
NAMES: Mapping[str, type[Message]] = {
    "tallystick.ChangeEvent": ChangeEvent,
    "tallystick.WriteCommand": WriteCommand,
    "tallystick.Outcome": Outcome,
    "tallystick.Operation": Operation,
    "tallystick.Alert": Alert,
}


@dataclass(frozen=True, slots=True)
class _Subject:
    """One message's newest schema: what is written, and what old records are read as."""

    schema_id: int
    schema: Schema
    read: Read
    write: Write


@dataclass(frozen=True, slots=True)
class Codec:
    """Built once from the texts of schemas/avro by their committed ids; the highest id of a
    message is the one that is written."""

    _by_type: Mapping[type, _Subject]
    _writers: Mapping[int, tuple[Schema, _Subject]] = field(repr=False)

    @classmethod
    def of(cls, texts: Mapping[int, str]) -> "Codec":
        parsed: dict[int, Schema] = {key: _parse(text) for key, text in sorted(texts.items())}
        newest = {NAMES[_name(schema)]: (key, schema) for key, schema in parsed.items()}
        subjects = {message: _subject(*found) for message, found in newest.items()}
        writers = {key: (schema, subjects[NAMES[_name(schema)]]) for key, schema in parsed.items()}
        return cls(subjects, writers)

    def encode(self, message: Message) -> bytes:
        subject = self._by_type[type(message)]
        data = bytearray(FRAME.pack(MAGIC, subject.schema_id))
        subject.write(message, data)
        return bytes(data)

    def decode(self, data: bytes | None) -> Message:
        """PermanentError says which byte, id or value does not fit."""
        schema, subject = self._writer_of(data)
        assert data is not None
        try:
            if schema is not subject.schema:
                data = _as_newest(data, schema, subject)
            message, end = subject.read(data, FRAME.size)
        except (
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            EOFError,
            OverflowError,
            ArithmeticError,
            struct.error,
        ) as error:
            raise _unreadable(schema, type(error).__name__) from error
        if end > len(data):
            raise _unreadable(schema, "its end is missing")
        if end < len(data):
            raise PermanentError("bytes are left over behind the Avro body")
        return message  # type: ignore[no-any-return]  # its schema is that of a message

    def once(self) -> Callable[[Message], bytes]:
        """Encodes each message of one piece of work once, however often it asks for the bytes."""
        known: dict[int, tuple[Message, bytes]] = {}

        def encoded(message: Message) -> bytes:
            found = known.get(id(message))
            if found is None:
                found = known[id(message)] = (message, self.encode(message))
            return found[1]

        return encoded

    def schema_id(self, message: type[Message]) -> int:
        return self._by_type[message].schema_id

    def _writer_of(self, data: bytes | None) -> tuple[Schema, _Subject]:
        if data is None or len(data) < FRAME.size:
            size = "no value" if data is None else f"{len(data)} bytes"
            raise PermanentError(f"{size} where a frame of {FRAME.size} bytes is due")
        magic, schema_id = FRAME.unpack_from(data)
        if magic != MAGIC:
            raise PermanentError(f"the first byte is {magic}, not {MAGIC}")
        if schema_id not in self._writers:
            known = ", ".join(map(str, self._writers))
            raise PermanentError(f"schema id {schema_id} is unknown; known are {known}")
        return self._writers[schema_id]


def _subject(schema_id: int, schema: Schema) -> _Subject:
    assert isinstance(schema, dict)
    return _Subject(schema_id, schema, reader_of(schema, {}), writer_of(schema, {}))


def _as_newest(data: bytes, schema: Schema, subject: _Subject) -> bytes:
    """A record of an older schema as it would be written today: by Avro's rules of resolution."""
    body, newest = io.BytesIO(data), io.BytesIO()
    body.seek(FRAME.size)
    record = schemaless_reader(
        body, schema, subject.schema, return_record_name=True, return_record_name_override=True
    )
    newest.write(data[: FRAME.size])
    schemaless_writer(newest, subject.schema, record)
    return newest.getvalue() + body.read()


def _unreadable(schema: Schema, what: str) -> PermanentError:
    """Names what went wrong, not its text: that could quote the body."""
    return PermanentError(f"the body does not read as {_name(schema)} ({what})")


def _parse(text: str) -> Schema:
    return parse_schema(json.loads(text), named_schemas={})


def _name(schema: Schema) -> str:
    assert isinstance(schema, dict)
    return str(schema["name"])
