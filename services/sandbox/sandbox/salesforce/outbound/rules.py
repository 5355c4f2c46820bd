"""Outbound messages as they are set up: which change of which object tells whom, and what."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.salesforce.json_text import java_double
from sandbox.salesforce.schema import SCALED_TYPES, Field, Schema
from sandbox.salesforce.values import Row, show, unscaled
from sandbox.salesforce.work import Change

CREATED, SAVED, MET = "created", "saved", "met"
WHEN = (CREATED, SAVED, MET)
KEYS = frozenset("name object fields endpoint when criteria session user version retry_s".split())
RETRY_S = 15.0
FIELDS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`criteria` are values that fields must have; `met` asks that they had others before."""

    name: str
    object: str
    fields: tuple[str, ...]
    endpoint: str
    version: str
    when: str = SAVED
    criteria: Mapping[str, str]
    session: bool = False
    user: str = ""
    retry_s: float = RETRY_S

    def wants(self, change: Change) -> bool:
        if change.sobject.name != self.object or not change.exists or change.after is None:
            return False
        if self.when == CREATED and change.before is not None:
            return False
        if not self._holds(change, change.after):
            return False
        return self.when != MET or change.before is None or not self._holds(change, change.before)

    def _holds(self, change: Change, row: Row) -> bool:
        fields = ((change.sobject.field(name), value) for name, value in self.criteria.items())
        return all(field is not None and text(field, row) == value for field, value in fields)


def text(field: Field, row: Row) -> str | None:
    """A value as XML holds it; None for none."""
    stored = row.get(field.name)
    if stored is None:
        return None
    if field.type == "boolean":
        return "true" if stored else "false"
    if field.type in SCALED_TYPES:
        return java_double(unscaled(stored, field.scale))
    found = str(show(field, stored))
    return found.replace("+0000", "Z") if field.type == "datetime" else found


def read_rule(wish: object, schema: Schema, *, user: str, version: str) -> Rule:
    """Raises ValueError with a sentence that names the key, its value and the remedy."""
    if not isinstance(wish, Mapping):
        raise ValueError(f"rules: {wish!r}; use an object with name, object, fields and endpoint")
    for key in wish:
        if key not in KEYS:
            raise ValueError(f"{key}: unknown key; known are {', '.join(sorted(KEYS))}")
    sobject = schema.find(_word(wish, "object"))
    if sobject is None:
        raise ValueError(f"object: {wish['object']!r} is not an object of this org")
    criteria = wish.get("criteria", {})
    if not isinstance(criteria, Mapping):
        raise ValueError(f"criteria: {criteria!r}; use an object of fields and their values")
    names = wish.get("fields", [])
    if not isinstance(names, list) or len(names) > FIELDS_MAX:
        raise ValueError(f"fields: {names!r}; use a list of at most {FIELDS_MAX} names")
    known = {name: sobject.field(str(name)) for name in [*names, *criteria]}
    for name, field in known.items():
        if field is None or not field.stored:
            raise ValueError(f"fields: {name!r} is not a plain field of {sobject.name}")
    fields = sorted({field.name for name in names if (field := known[name])} - {"Id"})
    return Rule(
        name=_word(wish, "name"),
        object=sobject.name,
        fields=("Id", *fields),
        endpoint=_endpoint(wish),
        version=str(wish.get("version") or version),
        when=_when(wish),
        criteria={
            field.name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in criteria.items()
            if (field := known[name])
        },
        session=wish.get("session") is True,
        user=str(wish.get("user") or user),
        retry_s=_seconds(wish),
    )


def _word(wish: Mapping[str, object], key: str) -> str:
    value = wish.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}: {value!r}; use a text")
    return value


def _when(wish: Mapping[str, object]) -> str:
    value = wish.get("when", SAVED)
    if value not in WHEN:
        raise ValueError(f"when: {value!r}; use one of {', '.join(WHEN)}")
    return str(value)


def _endpoint(wish: Mapping[str, object]) -> str:
    address = _word(wish, "endpoint")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"endpoint: {address!r}; use an address that begins with http")
    return address


def _seconds(wish: Mapping[str, object]) -> float:
    value = wish.get("retry_s", RETRY_S)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"retry_s: {value!r}; use a number of seconds above 0")
    return float(value)
