"""Records with their children in one call: all of them are created, or none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.records import create
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.collections import RECORDS_MAX
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.work import Work

TYPES_MAX = 5
LEVELS_MAX = 5
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A record to create; `parent` is the place of its parent in the list, -1 for none."""

    reference: str
    sobject: SObject
    fields: dict[str, object]
    parent: int
    link: str
    """The field that holds the parent's id."""


class _Undo(Exception):
    """Takes back the whole tree."""


def create_tree(desk: Desk, call: Call) -> Answer:
    root = desk.sobject(call.parts["object"], call.user)
    records = call.json_object().get("records")
    if not isinstance(records, list) or not records:
        raise Refusal("INVALID_INPUT", "The records element is missing or empty")
    planned: list[Planned] = []
    try:
        _collect(desk, call, root, records, planned, -1, "", 1)
        _check(planned)
    except _ReferenceError as error:
        return _failed([error.row()])
    return _create(desk, call, planned)


def _create(desk: Desk, call: Call, planned: list[Planned]) -> Answer:
    ids: list[str] = []
    failed: list[Mapping[str, object]] = []
    try:
        with desk.transaction(call) as work:
            for entry in planned:
                _create_one(work, entry, ids, failed)
            if failed:
                raise _Undo
    except _Undo:
        return _failed(failed)
    results = [
        {"referenceId": entry.reference, "id": identifier}
        for entry, identifier in zip(planned, ids, strict=True)
    ]
    return Answer(status=201, body={"hasErrors": False, "results": results})


def _create_one(
    work: Work, entry: Planned, ids: list[str], failed: list[Mapping[str, object]]
) -> None:
    """A child of a record that failed is not tried."""
    fields = dict(entry.fields)
    if entry.parent >= 0:
        fields[entry.link] = ids[entry.parent]
        if not ids[entry.parent]:
            ids.append("")
            return
    try:
        with work.attempt():
            ids.append(create(work, entry.sobject, fields))
    except Refusal as refusal:
        ids.append("")
        failed.append({"referenceId": entry.reference, "errors": [refusal.row()]})


def _collect(
    desk: Desk,
    call: Call,
    sobject: SObject,
    records: list[object],
    planned: list[Planned],
    parent: int,
    link: str,
    level: int,
) -> None:
    """Parents stand before their children."""
    for record in records:
        if not isinstance(record, Mapping):
            raise Refusal("JSON_PARSER_ERROR", "A record of the tree must be an object")
        reference = _reference(record, sobject)
        if level > LEVELS_MAX:
            raise _ReferenceError(reference, f"Cannot have more than {LEVELS_MAX} levels")
        fields, below = _parts(record)
        here = len(planned)
        planned.append(
            Planned(reference=reference, sobject=sobject, fields=fields, parent=parent, link=link)
        )
        for name, children in below:
            relation = sobject.child(name)
            if relation is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise _ReferenceError(reference, message, "INVALID_FIELD")
            target = desk.sobject(relation.child, call.user)
            _collect(desk, call, target, children, planned, here, relation.field, level + 1)


def _parts(record: Node) -> tuple[dict[str, object], list[tuple[str, list[object]]]]:
    """Its own fields, and its children by relationship."""
    fields: dict[str, object] = {}
    below: list[tuple[str, list[object]]] = []
    for name, value in record.items():
        inside = value.get("records") if isinstance(value, Mapping) else None
        if isinstance(inside, list):
            below.append((name, inside))
        elif name.lower() != "attributes":
            fields[name] = value
    return fields, below


def _reference(record: Node, sobject: SObject) -> str:
    attributes = record.get("attributes")
    found = attributes if isinstance(attributes, Mapping) else {}
    reference = found.get("referenceId")
    if not isinstance(reference, str) or not reference:
        raise _ReferenceError("", "Record without a referenceId in its attributes")
    if str(found.get("type") or sobject.name).lower() != sobject.name.lower():
        message = f"Record type {found.get('type')} does not fit {sobject.name}"
        raise _ReferenceError(reference, message)
    return reference


def _check(planned: list[Planned]) -> None:
    seen: set[str] = set()
    for entry in planned:
        if entry.reference in seen:
            raise _ReferenceError(entry.reference, f"Duplicate ReferenceId: {entry.reference}")
        seen.add(entry.reference)
    first = planned[0].reference
    if len(planned) > RECORDS_MAX:
        raise _ReferenceError(first, f"Cannot create more than {RECORDS_MAX} records")
    if len(set(_types(planned))) > TYPES_MAX:
        raise _ReferenceError(first, f"Cannot create more than {TYPES_MAX} types of records")


def _types(planned: list[Planned]) -> Iterator[str]:
    return (entry.sobject.name for entry in planned)


def _failed(results: list[Mapping[str, object]]) -> Answer:
    return Answer(status=400, body={"hasErrors": True, "results": results})


class _ReferenceError(Exception):
    """The tree itself is wrong at this record."""

    def __init__(self, reference: str, message: str, code: str = "INVALID_INPUT") -> None:
        super().__init__(message)
        self.reference = reference
        self.refusal = Refusal(code, message)

    def row(self) -> dict[str, object]:
        return {"referenceId": self.reference, "errors": [self.refusal.row()]}
