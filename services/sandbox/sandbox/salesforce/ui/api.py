"""The org as its pages use it: through the same REST resources as every other client."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.salesforce.rest.call import Answer
from sandbox.visit import Complaint, MissingPageError, RefusedError

Row: TypeAlias = Mapping[str, object]
Send = Callable[[str, str, Mapping[str, str], object], Answer]
"""Method, path behind the version, query, body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    label: str
    type: str
    createable: bool
    updateable: bool
    required: bool
    choices: tuple[tuple[str, str], ...]
    targets: tuple[str, ...]
    relationship: str
    is_name: bool

    @property
    def title(self) -> str:
        """The label as the vendor's pages show it: a reference without its "ID"."""
        return self.label.removesuffix(" ID") if self.type == "reference" else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    object: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An object as the person may see it."""

    name: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    children: tuple[Child, ...]
    createable: bool
    updateable: bool
    deletable: bool

    @property
    def name_field(self) -> str:
        return next((field.name for field in self.fields.values() if field.is_name), "Id")

    def has(self, *names: str) -> bool:
        return all(name in self.fields for name in names)


class Org:
    """One person's view, for one visit."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kinds: dict[str, Kind | None] = {}
        self._prefixes: dict[str, str] = {}

    def find(self, name: str) -> Kind | None:
        if name not in self._kinds:
            answer = self._send("GET", f"/sobjects/{name}/describe", {}, None)
            known = answer.status == 200 and isinstance(answer.body, Mapping)
            self._kinds[name] = _kind(_mapping(answer.body)) if known else None
        return self._kinds[name]

    def kind(self, name: str) -> Kind:
        found = self.find(name)
        if found is None or found.name != name:
            raise MissingPageError(f"This org has no object {name} that you may see.")
        return found

    def kind_of_id(self, identifier: str) -> str:
        """The object's name, empty when nobody may see it."""
        if not self._prefixes:
            answer = self._send("GET", "/sobjects", {}, None)
            for entry in _rows(_mapping(answer.body).get("sobjects")):
                self._prefixes[str(entry["keyPrefix"])] = str(entry["name"])
        return self._prefixes.get(identifier[:3], "")

    def query(self, soql: str) -> list[Row]:
        """The first page of rows."""
        return list(_rows(_mapping(self._ask("GET", "/query", {"q": soql}, None)).get("records")))

    def record(self, kind: Kind, identifier: str) -> Row:
        answer = self._send("GET", f"/sobjects/{kind.name}/{identifier}", {}, None)
        if answer.status != 200:
            raise MissingPageError(f"{kind.label} {identifier}: {_words(answer)}")
        return _mapping(answer.body)

    def create(self, name: str, body: Row) -> str:
        return str(_mapping(self._ask("POST", f"/sobjects/{name}", {}, body))["id"])

    def change(self, name: str, identifier: str, body: Row) -> None:
        self._ask("PATCH", f"/sobjects/{name}/{identifier}", {}, body)

    def remove(self, name: str, identifier: str) -> None:
        self._ask("DELETE", f"/sobjects/{name}/{identifier}", {}, None)

    def create_together(self, records: list[tuple[str, Row]], base: str) -> str:
        """All or none; later records name the first one's id as `@{r0.id}`, which is returned."""
        parts = [
            {"method": "POST", "url": f"{base}/sobjects/{name}", "referenceId": f"r{at}", "body": b}
            for at, (name, b) in enumerate(records)
        ]
        body = {"allOrNone": True, "compositeRequest": parts}
        answer = _mapping(self._ask("POST", "/composite", {}, body))
        answers = list(_rows(answer.get("compositeResponse")))
        complaints = [
            complaint
            for one in answers
            if int(str(one["httpStatusCode"])) >= 300
            for complaint in _complaints(one["body"])
            if complaint.code != "PROCESSING_HALTED"
        ]
        if complaints:
            raise RefusedError(complaints)
        return str(_mapping(answers[0]["body"])["id"])

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: object) -> object:
        answer = self._send(method, path, query, body)
        if answer.status >= 300:
            raise RefusedError(_complaints(answer.body) or [Complaint(message="The org refused.")])
        return answer.body


def quoted(text: str) -> str:
    """A SOQL text."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def pattern(text: str) -> str:
    """A SOQL pattern for texts that contain this one."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("'", "\\'")
    return f"'%{plain}%'"


def value_at(row: Row, path: str) -> object:
    """`Account.Name` of a row; None when a step is missing."""
    found: object = row
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _words(answer: Answer) -> str:
    return "; ".join(one.message for one in _complaints(answer.body)) or str(answer.status)


def _complaints(body: object) -> list[Complaint]:
    return [
        Complaint(
            message=str(entry.get("message", "")),
            code=str(entry.get("errorCode", "")),
            fields=tuple(str(name) for name in _items(entry.get("fields"))),
        )
        for entry in _rows(body)
    ]


def _kind(body: Row) -> Kind:
    return Kind(
        name=str(body["name"]),
        label=str(body["label"]),
        plural=str(body["labelPlural"]),
        fields={str(entry["name"]): _field(entry) for entry in _rows(body["fields"])},
        children=tuple(
            Child(object=str(entry["childSObject"]), field=str(entry["field"]))
            for entry in _rows(body["childRelationships"])
        ),
        createable=bool(body["createable"]),
        updateable=bool(body["updateable"]),
        deletable=bool(body["deletable"]),
    )


def _field(entry: Row) -> Field:
    return Field(
        name=str(entry["name"]),
        label=str(entry["label"]),
        type=str(entry["type"]),
        createable=bool(entry["createable"]),
        updateable=bool(entry["updateable"]),
        required=not entry["nillable"] and not entry["defaultedOnCreate"],
        choices=tuple(
            (str(choice["value"]), str(choice["label"]))
            for choice in _rows(entry["picklistValues"])
            if choice["active"]
        ),
        targets=tuple(str(name) for name in _items(entry["referenceTo"])),
        relationship=str(entry["relationshipName"] or ""),
        is_name=bool(entry["nameField"]),
    )


def _mapping(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _rows(value: object) -> Iterator[Row]:
    return (entry for entry in _items(value) if isinstance(entry, Mapping))
