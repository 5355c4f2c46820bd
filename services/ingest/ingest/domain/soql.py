"""The SOQL statements ingest asks with. Names come from checked shapes, ids are checked here."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from ingest.domain.shapes import VERSION_FIELD, LineShape, Shape, paths_of

RECORD_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
IDS_MAX = 200
QUERY_MAX = 14_000
"""Percent-encoded; a whole address may have 16,384 characters."""

PAGE = 2_000


def is_record_id(text: str) -> bool:
    return RECORD_ID.fullmatch(text) is not None


def documents(shape: Shape, ids: Sequence[str]) -> str:
    """Whole documents: root fields by path, each list of lines as a sub-query by its name."""
    read = {*paths_of(shape.reading), "Id", VERSION_FIELD} - shape.constants.keys()
    paths = sorted(read)
    lists = [_lines(name, shape.reading.lines[name]) for name in sorted(shape.lines)]
    return f"SELECT {', '.join([*paths, *lists])} FROM {shape.reading.kind} WHERE {_is_one_of(ids)}"


def heirs(kind: str, ids: Sequence[str]) -> str:
    """The records into which deleted ones were merged."""
    return f"SELECT Id, MasterRecordId FROM {kind} WHERE {_is_one_of(ids)}"


def parents(line: LineShape, ids: Sequence[str]) -> str:
    """The root record of each line."""
    return f"SELECT Id, {line.parent} FROM {line.kind} WHERE {_is_one_of(ids)}"


def changed_since(
    kind: str, parent: str, since: datetime, after: tuple[datetime, str] | None
) -> str:
    """One page of the ids changed since then, oldest first; `parent` is empty for a root."""
    fields = ", ".join(name for name in ("Id", parent, VERSION_FIELD) if name)
    where = f"{VERSION_FIELD} >= {_instant(since)}"
    if after:
        moment, last = _instant(after[0]), _quoted(after[1])
        where = f"({VERSION_FIELD} > {moment} OR ({VERSION_FIELD} = {moment} AND Id > {last}))"
    return f"SELECT {fields} FROM {kind} WHERE {where} ORDER BY {VERSION_FIELD}, Id LIMIT {PAGE}"


def batches(ids: Sequence[str], statement: Callable[[Sequence[str]], str]) -> Iterator[str]:
    """Statements over all ids, each with at most 200 of them and short enough for an address."""
    start = 0
    while start < len(ids):
        size = IDS_MAX
        while size > 1 and _encoded_length(statement(ids[start : start + size])) > QUERY_MAX:
            size //= 2
        yield statement(ids[start : start + size])
        start += size


def _encoded_length(statement: str) -> int:
    """At most this long in an address: letters and digits stand for themselves."""
    return sum(1 if letter.isalnum() else 3 for letter in statement)


def _lines(name: str, fields: frozenset[str]) -> str:
    return f"(SELECT {', '.join(sorted({*fields, 'Id'}))} FROM {name})"


def _is_one_of(ids: Sequence[str]) -> str:
    return f"Id IN ({', '.join(map(_quoted, ids))})"


def _quoted(record_id: str) -> str:
    if not is_record_id(record_id):
        raise ValueError(f"{record_id!r} is not a Salesforce id of 15 or 18 letters and digits")
    return f"'{record_id}'"


def _instant(moment: datetime) -> str:
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )
