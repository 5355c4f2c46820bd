"""One record: what it holds, what hangs on it, and the forms that change it."""

from sandbox.pages import Content, Guard, Html, folded, link, section, tag
from sandbox.salesforce.ui.api import Field, Kind, Org, Row, quoted
from sandbox.salesforce.ui.deals import line_form, win_button
from sandbox.salesforce.ui.forms import edit_fields, entries, sent, texts
from sandbox.salesforce.ui.layout import LAYOUTS, layout_of
from sandbox.salesforce.ui.show import (
    columns_of,
    lead_of,
    record_facts,
    record_table,
    related,
    rows_of,
    title_of,
)
from sandbox.visit import Complaint, RefusedError, Reply, Shown, Visit, address, said_by

LINES_MAX = 200
DONE = {
    "saved": "It is saved.",
    "made": "It is made.",
    "won": "The opportunity is closed won.",
    "line": "The product is added.",
}


def shown(
    org: Org, guard: Guard, visit: Visit, kind: Kind, identifier: str, problem: Content = None
) -> Shown:
    row = org.record(kind, identifier)
    found = str(row["Id"])
    return Shown(
        title=title_of(org, kind, row),
        lead=lead_of(org, kind, row),
        content=[
            _actions(guard, kind, row),
            _lines(org, guard, kind, row),
            record_facts(org, kind, row),
            related(org, kind, found),
        ],
        current=address(kind.name),
        said=DONE.get(visit.done, ""),
        problem=problem,
        status=400 if problem else 200,
    )


def _actions(guard: Guard, kind: Kind, row: Row) -> Html:
    found = str(row["Id"])
    parts: list[Content] = []
    if kind.name == "Opportunity" and kind.updateable and not row.get("IsClosed"):
        parts.append(win_button(guard, found))
    if kind.updateable and layout_of(kind.name).edits:
        parts.append(link("Edit", address(kind.name, found, "edit")))
    if kind.name == "Account":
        parts.append(link("New opportunity", address("Opportunity", "new", AccountId=found)))
    if kind.deletable:
        parts.append(link("Delete", address(kind.name, found, "delete")))
    return tag("div", parts, class_="actions")


def _lines(org: Org, guard: Guard, kind: Kind, row: Row) -> Content:
    """The lines of a document, and for open opportunities the form for one more."""
    for name, layout in LAYOUTS.items():
        other = org.find(name) if layout.line_of else None
        if other is None or not any(
            child.object == name and child.field == layout.line_of for child in kind.children
        ):
            continue
        where = f" WHERE {layout.line_of} = {quoted(str(row['Id']))}"
        rows = rows_of(org, other, columns_of(org, other), where, LINES_MAX)
        more = line_form(org, guard, row) if kind.name == "Opportunity" else None
        return section("Lines", record_table(org, other, other.plural, rows), more)
    return None


def edit(org: Org, guard: Guard, visit: Visit, kind: Kind, identifier: str) -> Reply:
    row = org.record(kind, identifier)
    found = str(row["Id"])
    first, more = edit_fields(kind, creating=False)
    values, complaints = texts([*first, *more], row), []
    if visit.form is not None:
        try:
            body = sent([*first, *more], visit.form, values)
            if body:
                org.change(kind.name, found, body)
            return address(kind.name, found, done="saved")
        except RefusedError as error:
            complaints = error.complaints
            values = {field.name: visit.form.get(field.name, "") for field in [*first, *more]}
    title = f"Edit {title_of(org, kind, row)}"
    form = _form(
        org, guard, address(kind.name, found, "edit"), (first, more), values, complaints, "Save"
    )
    return _with_complaints(title, kind, form, complaints)


def new(org: Org, guard: Guard, visit: Visit, kind: Kind) -> Reply:
    first, more = edit_fields(kind, creating=True)
    values = {name: value for name, value in visit.query.items() if kind.has(name)}
    complaints: list[Complaint] = []
    if visit.form is not None:
        try:
            made = org.create(kind.name, sent([*first, *more], visit.form, {}))
            return address(kind.name, made, done="made")
        except RefusedError as error:
            complaints, values = error.complaints, dict(visit.form)
    title = f"New {kind.label.lower()}"
    form = _form(org, guard, address(kind.name, "new"), (first, more), values, complaints, "Create")
    return _with_complaints(title, kind, form, complaints)


def _form(
    org: Org,
    guard: Guard,
    target: str,
    fields: tuple[list[Field], list[Field]],
    values: dict[str, str],
    complaints: list[Complaint],
    submit: str,
) -> Html:
    first, more = fields
    others = entries(org, more, values, complaints)
    return guard.form(
        target,
        entries(org, first, values, complaints),
        submit=submit,
        more=folded("All other fields", others) if others else None,
    )


def delete(org: Org, guard: Guard, visit: Visit, kind: Kind, identifier: str) -> Reply:
    row = org.record(kind, identifier)
    found = str(row["Id"])
    complaints: list[Complaint] = []
    if visit.form is not None:
        try:
            org.remove(kind.name, found)
            parent = str(row.get(layout_of(kind.name).line_of) or "")
            above = address(org.kind_of_id(parent), parent) if parent else ""
            return above or address(kind.name, done="deleted")
        except RefusedError as error:
            complaints = error.complaints
    title = f"Delete {title_of(org, kind, row)}?"
    content = [
        tag("p", "It goes to the recycle bin, and what belongs to it goes along."),
        guard.button(address(kind.name, found, "delete"), "Delete"),
        tag("p", link("Keep it", address(kind.name, found))),
    ]
    return _with_complaints(title, kind, content, complaints)


def _with_complaints(
    title: str, kind: Kind, content: Content, complaints: list[Complaint]
) -> Shown:
    return Shown(
        title=title,
        content=content,
        current=address(kind.name),
        problem=said_by(complaints),
        status=400 if complaints else 200,
    )
