"""The forms of the pages: which fields they hold, and what of them goes to the account."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from sandbox.netsuite.kinds import KINDS, STATUS_NAMES, TRANSACTION
from sandbox.netsuite.ui.api import Books, Property, Row, id_of
from sandbox.netsuite.ui.layout import EDITS, OTHER_EDITS, TABLES
from sandbox.pages import Entry
from sandbox.visit import Complaint, RefusedError

INPUT_TYPES = {"date": "date"}
NUMERIC = ("number", "integer")
CHOICES_MAX = 500
LOCKS = ("A", "B")
"""The states of an order that a person may choose between."""


def edited(books: Books, kind: str) -> list[Property]:
    usual = OTHER_EDITS if kind in KINDS and KINDS[kind].family == TRANSACTION else ""
    known = books.properties(kind)
    return [known[name] for name in EDITS.get(kind, usual).split() if name in known]


def entries(
    books: Books,
    fields: Iterable[Property],
    values: Mapping[str, str],
    complaints: Iterable[Complaint] = (),
) -> list[Entry]:
    wrong = {name: one.message for one in complaints for name in one.fields}
    return [_entry(books, field, values.get(field.name, ""), wrong) for field in fields]


def _entry(books: Books, field: Property, value: str, wrong: Mapping[str, str]) -> Entry:
    kind, options = INPUT_TYPES.get(field.type, "text"), []
    if field.type in ("choice", "reference"):
        kind, options = "choice", [("", "–"), *_options(books, field)]
    elif field.type == "boolean":
        kind = "checkbox"
    return Entry(
        name=field.name,
        label=field.title,
        value=value,
        kind=kind,
        error=wrong.get(field.name, ""),
        options=options,
        attributes={"inputmode": "decimal" if field.type in NUMERIC else None},
    )


def _options(books: Books, field: Property) -> list[tuple[str, str]]:
    if field.name == "orderStatus":
        names = STATUS_NAMES["salesOrder"]
        return [(letter, names[letter]) for letter in LOCKS]
    if field.type == "choice":
        return [(choice, choice) for choice in field.choices]
    return choices(books, *TABLES[field.name]) if field.name in TABLES else []


def choices(books: Books, source: str, column: str, where: str = "") -> list[tuple[str, str]]:
    """Records of a list by name; none when the person may not see the list."""
    condition = f" WHERE {where}" if where else ""
    try:
        found = books.query(
            f"SELECT id, {column} AS name FROM {source}{condition} ORDER BY name, id", CHOICES_MAX
        )
    except RefusedError:
        return []
    return [(str(row["id"]), str(row.get("name", row["id"]))) for row in found]


def texts(fields: Iterable[Property], record: Row) -> dict[str, str]:
    """How a record's values stand in the form."""
    return {field.name: _text(record.get(field.name)) for field in fields}


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return id_of(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def sent(
    fields: Iterable[Property], form: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, object]:
    """What differs from before, as JSON values; what is no number goes along as it was typed."""
    found: dict[str, object] = {}
    for field in fields:
        value = form.get(field.name, "").strip()
        if field.type == "boolean":
            value = "true" if value else "false"
        if value != (before.get(field.name) or ("false" if field.type == "boolean" else "")):
            found[field.name] = _typed(field, value)
    return found


def _typed(field: Property, value: str) -> object:
    if value == "":
        return None
    if field.type in ("choice", "reference"):
        return {"id": value}
    if field.type == "boolean":
        return value == "true"
    return numeral(value) if field.type in NUMERIC else value


def numeral(value: str) -> object:
    """A number; or the text itself, for the account to refuse."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return number if number.is_finite() else value
