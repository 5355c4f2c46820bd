"""A Salesforce answer as a document: allowed paths only, values of the types it describes."""

from datetime import datetime
from decimal import Decimal

from ingest.domain.shapes import VERSION_FIELD, FieldType, LineShape, Shape, paths_of
from ingest.domain.typed import exact, instant, iso_date
from ingest.ports import Row
from kernel.exact_json import Json
from kernel.values import Document, Fields, Value


def document_of(row: Row, shape: Shape) -> Document:
    """Lines are ordered by id, so that the same lines always read the same."""
    return Document(
        {
            path: shape.constants.get(path) or _typed(_at(row, path), shape.types.get(path))
            for path in paths_of(shape.reading)
        },
        {
            name: _lines(row, name, shape.reading.lines[name], line)
            for name, line in shape.lines.items()
        },
    )


def line_ids(row: Row, name: str) -> list[str]:
    return [str(line["Id"]) for line in _children(row, name)]


def modified_at(row: Row) -> datetime | None:
    return instant(row.get(VERSION_FIELD))


def _lines(row: Row, name: str, paths: frozenset[str], line: LineShape) -> tuple[Fields, ...]:
    children = sorted(_children(row, name), key=lambda child: str(child["Id"]))
    return tuple(
        {path: _typed(_at(child, path), line.types.get(path)) for path in paths}
        for child in children
    )


def _children(row: Row, name: str) -> list[Row]:
    """A list of lines; an empty one arrives as null."""
    answer = row.get(name)
    records = answer.get("records") if isinstance(answer, dict) else None
    return [item for item in records if isinstance(item, dict)] if isinstance(records, list) else []


def _at(row: Row, path: str) -> Json:
    value: Json = dict(row)
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _typed(value: Json, kind: FieldType | None) -> Value:
    match value:
        case None | bool():
            return value
        case int() | Decimal():
            return exact(value)
        case str() if kind is FieldType.DATE:
            return iso_date(value) or value
        case str() if kind is FieldType.DATETIME:
            return instant(value) or value
        case str():
            return value
    return None
