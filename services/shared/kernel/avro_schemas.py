"""What reading and writing have to know of a parsed schema."""

from typing import Any

Node = str | list[Any] | dict[str, Any]  # as fastavro parses it: every name with its namespace
PLAIN = frozenset({"tallystick.Field", "tallystick.Instant"})
"""Records that only wrap their one field, since a union can hold each type once."""
INT64_BITS = 64
DECIMAL_DIGITS_MAX = 38


def kind_of(schema: Node) -> str:
    """The type, or the name of a record that was met before."""
    return schema if isinstance(schema, str) else str(_whole(schema)["type"])


def logical_of(schema: Node) -> str:
    return str(schema.get("logicalType", "")) if isinstance(schema, dict) else ""


def _whole(schema: Node) -> dict[str, Any]:
    assert isinstance(schema, dict)
    return schema
