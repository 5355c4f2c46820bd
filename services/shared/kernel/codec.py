"""Bytes of a Kafka record ↔ the messages: Confluent's frame (0, schema id, Avro body)."""

import io
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.types import Schema

from kernel import avro_records
from kernel.errors import PermanentError
from kernel.messages import Alert, ChangeEvent, Message, Operation, Outcome, WriteCommand

FRAME = struct.Struct(">bI")
MAGIC = 0
NAMES = {
    "tallystick.ChangeEvent": ChangeEvent,
    "tallystick.WriteCommand": WriteCommand,
    "tallystick.Outcome": Outcome,
    "tallystick.Operation": Operation,
    "tallystick.Alert": Alert,
}
Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Subject:
    """One message's newest schema: what is written, and what old records are read as."""

    schema_id: int
    schema: Schema
    to_record: Callable[..., Record]
    from_record: Callable[[Record], Message]


@dataclass(frozen=True, slots=True)
class Codec:
    """Built once from the texts of schemas/avro by their committed ids; the highest id of a
    message is the one that is written."""

    _by_type: Mapping[type, _Subject]
    _writers: Mapping[int, tuple[Schema, _Subject]] = field(repr=False)

    @classmethod
    def of(cls, texts: Mapping[int, str]) -> "Codec":
        parsed: dict[int, Schema] = {key: _parse(text) for key, text in sorted(texts.items())}
        subjects: dict[type, _Subject] = {}
        for schema_id, schema in parsed.items():
            message = NAMES[_name(schema)]
            subjects[message] = _Subject(
                schema_id,
                schema,
                avro_records.TO_RECORD[message],
                avro_records.FROM_RECORD[message],
            )
        writers = {key: (schema, subjects[NAMES[_name(schema)]]) for key, schema in parsed.items()}
        return cls(subjects, writers)

    def encode(self, message: Message) -> bytes:
        subject = self._by_type[type(message)]
        buffer = io.BytesIO()
        buffer.write(FRAME.pack(MAGIC, subject.schema_id))
        schemaless_writer(buffer, subject.schema, subject.to_record(message))
        return buffer.getvalue()

    def decode(self, data: bytes | None) -> Message:
        """PermanentError says which byte, id or value does not fit."""
        schema, subject = self._writer_of(data)
        buffer = io.BytesIO(data or b"")
        buffer.seek(FRAME.size)
        newest = None if schema is subject.schema else subject.schema
        try:
            record = schemaless_reader(
                buffer, schema, newest, return_record_name=True, return_record_name_override=True
            )
            if buffer.read(1):
                raise PermanentError("bytes are left over behind the Avro body")
            return subject.from_record(record)  # type: ignore[arg-type]  # fastavro types it as any JSON
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
            what = type(error).__name__  # its text could quote the body
            raise PermanentError(f"the body does not read as {_name(schema)} ({what})") from error

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


def _parse(text: str) -> Schema:
    return parse_schema(json.loads(text), named_schemas={})


def _name(schema: Schema) -> str:
    assert isinstance(schema, dict)
    return str(schema["name"])
