"""The forms of the pages: which fields they hold, and what of them goes to the org."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from sandbox.pages import Entry
from sandbox.salesforce.ui.api import Field, Kind, Org, Row
from sandbox.salesforce.ui.layout import PLAIN_TYPES, layout_of
from sandbox.visit import Complaint

CHOICES_MAX = 200
INPUT_TYPES = {"date": "date", "email": "email", "phone": "tel", "url": "url"}
NUMERIC = frozenset("int double currency percent".split())


def edit_fields(kind: Kind, *, creating: bool) -> tuple[list[Field], list[Field]]:
    """Those that matter most, and all others that the person may write."""
    wanted = layout_of(kind.name).edits.split()
    open_fields = [
        field
        for field in kind.fields.values()
        if (field.createable if creating else field.updateable)
        and (field.type in PLAIN_TYPES or (field.name in wanted and field.type == "reference"))
    ]
    first = sorted(
        (field for field in open_fields if field.name in wanted or (creating and field.required)),
        key=lambda field: wanted.index(field.name) if field.name in wanted else len(wanted),
    )
    return first, [field for field in open_fields if field not in first]


def entries(
    org: Org,
    fields: Iterable[Field],
    values: Mapping[str, str],
    complaints: Iterable[Complaint] = (),
) -> list[Entry]:
    """`values` are texts as the form shows them."""
    wrong = {name: one.message for one in complaints for name in one.fields}
    return [_entry(org, field, values.get(field.name, ""), wrong) for field in fields]


def _entry(org: Org, field: Field, value: str, wrong: Mapping[str, str]) -> Entry:
    kind, options = INPUT_TYPES.get(field.type, "text"), list(field.choices)
    if field.type == "picklist":
        kind, options = "choice", [("", "–"), *options]
    elif field.type == "reference":
        kind, options = "choice", [("", "–"), *candidates(org, field)]
    elif field.type == "boolean":
        kind = "checkbox"
    elif field.type == "textarea":
        kind = "textarea"
    return Entry(
        name=field.name,
        label=field.title,
        value=value,
        kind=kind,
        error=wrong.get(field.name, ""),
        options=options,
        required=field.required and field.type != "boolean",
        attributes={"inputmode": "decimal" if field.type in NUMERIC else None},
    )


def candidates(org: Org, field: Field) -> list[tuple[str, str]]:
    """Records that a reference can name, the newest of them when there are many."""
    target = org.find(field.targets[0]) if field.targets else None
    if target is None or target.name_field == "Id":
        return []
    name = target.name_field
    rows = org.query(f"SELECT Id, {name} FROM {target.name} ORDER BY Id DESC LIMIT {CHOICES_MAX}")
    return sorted(((str(row["Id"]), str(row[name])) for row in rows), key=lambda pair: pair[1])


def texts(fields: Iterable[Field], row: Row) -> dict[str, str]:
    """How a record's values stand in the form."""
    return {field.name: _text(row.get(field.name)) for field in fields}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)):f}"
    return str(value)


def sent(
    fields: Iterable[Field], form: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, object]:
    """What differs from before, as JSON values; what is no number goes along as it was typed."""
    found: dict[str, object] = {}
    for field in fields:
        value = form.get(field.name, "").strip()
        if field.type == "boolean":
            value = "true" if value else "false"
        if value != before.get(field.name, "false" if field.type == "boolean" else ""):
            found[field.name] = typed(field.type, value)
    return found


def typed(kind: str, value: str) -> object:
    if value == "":
        return None
    if kind == "boolean":
        return value == "true"
    if kind in NUMERIC:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        return number if number.is_finite() else value
    return value
