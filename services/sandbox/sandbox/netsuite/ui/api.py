"""The account as its pages use it: through the same REST services as every other client."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.records.transforms import STARTS
from sandbox.visit import Complaint, MissingPageError, RefusedError

Row: TypeAlias = Mapping[str, object]
SCHEMA = "application/schema+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: object
    location: str = ""


Send = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Method, path with query behind /services/rest, headers, body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    name: str
    title: str
    type: str
    """string, date, boolean, number, integer, choice or reference."""
    choices: tuple[str, ...] = ()


class Books:
    """One person's view, for one visit."""

    def __init__(self, send: Send, today: str, *, currencies: bool = True) -> None:
        self._send = send
        self.currencies = currencies
        """Does the account know more than one?"""
        self.today = today
        """ISO, of the account's business."""

    def query(self, sql: str, limit: int = 1000, offset: int = 0) -> list[Row]:
        path = f"/query/v1/suiteql?limit={limit}&offset={offset}"
        body = json.dumps({"q": sql}).encode()
        answer = self._asked("POST", path, {"Prefer": "transient"}, body)
        return list(rows(mapping(answer.body).get("items")))

    def symbol(self, record: Row) -> str:
        """Of the record's currency; its name when the person may not see the list."""
        held = record.get("currency")
        if not self.currencies:
            return ""
        try:
            found = self.query(f"SELECT symbol FROM currency WHERE id = {int(id_of(held) or 0)}")
        except RefusedError:
            return named(held)
        return str(found[0]["symbol"]) if found else named(held)

    def record(self, kind: str, identifier: str) -> Row:
        path = f"/record/v1/{kind}/{identifier}?expandSubResources=true"
        answer = self._send("GET", path, {}, b"")
        if answer.status != 200:
            said = "; ".join(one.message for one in _complaints(answer.body))
            raise MissingPageError(f"{title_of_kind(kind)} {identifier}: {said}")
        return mapping(answer.body)

    def properties(self, kind: str) -> dict[str, Property]:
        """What a record of this type holds, by name."""
        path = f"/record/v1/metadata-catalog/{kind}"
        answer = self._send("GET", path, {"Accept": SCHEMA}, b"")
        held = mapping(mapping(answer.body).get("properties"))
        return {name: _property(name, mapping(entry)) for name, entry in held.items()}

    def create(self, kind: str, body: Row) -> str:
        return self._made("POST", f"/record/v1/{kind}", body)

    def change(self, kind: str, identifier: str, body: Row) -> None:
        self._made("PATCH", f"/record/v1/{kind}/{identifier}", body)

    def remove(self, kind: str, identifier: str) -> None:
        self._asked("DELETE", f"/record/v1/{kind}/{identifier}", {}, b"")

    def transform(self, kind: str, identifier: str, target: str, body: Row) -> str:
        """The new record's id."""
        return self._made("POST", f"/record/v1/{kind}/{identifier}/!transform/{target}", body)

    def _made(self, method: str, path: str, body: Row) -> str:
        answer = self._asked(method, path, {"Content-Type": "application/json"}, _json(body))
        return answer.location.rpartition("/")[2]

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = self._send(method, path, headers, body)
        if answer.status >= 300:
            said = _complaints(answer.body) or [Complaint(message="The account refused.")]
            raise RefusedError(said)
        return answer


def can_become(source: str, target: str) -> bool:
    """May a record of this type be transformed into that one here?"""
    names = [KINDS[path].name if path in KINDS else "" for path in (source, target)]
    return (names[0], names[1]) in STARTS


def title_of_kind(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind


def name_of_kind(kind: str) -> str:
    return KINDS[kind].name


def quoted(text: str) -> str:
    """A SuiteQL text."""
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


def mapping(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> Iterator[Row]:
    return (
        (row for row in value if isinstance(row, Mapping)) if isinstance(value, list) else iter(())
    )


def sublist(record: Row, name: str) -> list[Row]:
    return list(rows(mapping(record.get(name)).get("items")))


def named(value: object) -> str:
    """What a reference or a plain value shows."""
    if isinstance(value, Mapping):
        return str(value.get("refName") or value.get("id") or "")
    return "" if value is None else str(value)


def id_of(value: object) -> str:
    return str(value.get("id", "")) if isinstance(value, Mapping) else ""


def amount_of(value: object) -> Decimal:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal | str) else Decimal()


def _json(body: Row) -> bytes:
    """Numbers with all their digits: a marked text becomes the number it holds."""
    text = json.dumps(body, default=lambda value: f"\0{value:f}\0")
    return text.replace('"\\u0000', "").replace('\\u0000"', "").encode()


def _property(name: str, entry: Row) -> Property:
    choices: tuple[str, ...] = ()
    kind = str(entry.get("type") or "reference")
    if kind == "object":
        inner = mapping(mapping(entry.get("properties")).get("id"))
        listed = inner.get("enum")
        choices = tuple(str(one) for one in listed) if isinstance(listed, list) else ()
        kind = "choice" if choices else "reference"
    elif entry.get("format") == "date":
        kind = "date"
    return Property(
        name=name, title=str(entry.get("title") or _spelled(name)), type=kind, choices=choices
    )


def _spelled(name: str) -> str:
    """`createdFrom` as Created From."""
    apart = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return apart.strip().title() if "_" not in name else name


def _complaints(body: object) -> list[Complaint]:
    return [
        Complaint(
            message=str(entry.get("detail", "")),
            code=str(entry.get("o:errorCode", "")),
            fields=(str(entry["o:errorPath"]).partition(".")[0],) if "o:errorPath" in entry else (),
        )
        for entry in rows(mapping(body).get("o:errorDetails"))
    ]
