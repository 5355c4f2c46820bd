"""One record of the account: what it holds, its ledger entries, and the forms that change it."""

from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.ui.api import Books, Row, can_become, id_of, title_of_kind
from sandbox.netsuite.ui.forms import edited, entries, sent, texts
from sandbox.netsuite.ui.layout import EDITS, PERIOD_SWITCHES, STEPS, Step
from sandbox.netsuite.ui.show import (
    gl_impact,
    lead_of,
    lines,
    notes,
    record_facts,
    related,
    title_of,
)
from sandbox.pages import Content, Guard, Html, link, tag
from sandbox.visit import Complaint, RefusedError, Reply, Shown, Visit, address, said_by

DONE = {"saved": "It is saved.", "made": "It is made.", "approved": "The order is approved."}
UNDELETABLE = frozenset("accountingperiod currency account".split())


def shown(
    books: Books, guard: Guard, visit: Visit, kind: str, identifier: str, problem: Content = None
) -> Shown:
    record = books.record(kind, identifier)
    found = str(record["id"])
    return Shown(
        title=title_of(kind, record),
        lead=lead_of(books, record),
        content=[
            _actions(guard, kind, record),
            lines(record),
            gl_impact(books, kind, record),
            related(books, kind, record),
            record_facts(books, kind, record),
            notes(books, kind, found),
        ],
        current=address(kind),
        said=DONE.get(visit.done, ""),
        problem=problem,
        status=400 if problem else 200,
    )


def _actions(guard: Guard, kind: str, record: Row) -> Html:
    found = str(record["id"])
    parts: list[Content] = []
    if kind == "salesorder" and id_of(record.get("status")) == "A":
        approval = {"orderStatus": "B"}
        parts.append(guard.button(address(kind, found, "approve"), "Approve", approval))
    for step in STEPS.get(kind, ()):
        if _is_possible(kind, step, record):
            parts.append(link(step.label, address(kind, found, "to", step.target)))
    if kind == "accountingperiod":
        parts += [_switch(guard, record, *switch) for switch in PERIOD_SWITCHES]
    if EDITS.get(kind) or "tranDate" in record:
        parts.append(link("Edit", address(kind, found, "edit")))
    if kind not in UNDELETABLE:
        parts.append(link("Delete", address(kind, found, "delete")))
    return tag("div", parts, class_="actions")


def _is_possible(kind: str, step: Step, record: Row) -> bool:
    remaining = record.get("amountRemaining", record.get("unapplied", 1))
    if step.open_only and not remaining:
        return False
    return step.target in KINDS if step.alone else can_become(kind, step.target)


def _switch(guard: Guard, record: Row, name: str, on: str, off: str) -> Html:
    is_on = record.get(name) is True
    target = address("accountingperiod", str(record["id"]), "switch")
    values = {"name": name, "value": "false" if is_on else "true"}
    return guard.button(target, off if is_on else on, values)


def switch(books: Books, visit: Visit, identifier: str) -> str | list[Complaint]:
    form = visit.form or {}
    name = form.get("name", "")
    if name not in [one for one, _, _ in PERIOD_SWITCHES]:
        return [Complaint(message="There is no such switch.")]
    try:
        books.change("accountingperiod", identifier, {name: form.get("value") == "true"})
    except RefusedError as error:
        return error.complaints
    return address("accountingperiod", identifier, done="saved")


def approve(books: Books, visit: Visit, identifier: str) -> str | list[Complaint]:
    try:
        books.change("salesorder", identifier, {"orderStatus": {"id": "B"}})
    except RefusedError as error:
        return error.complaints
    return address("salesorder", identifier, done="approved")


def edit(books: Books, guard: Guard, visit: Visit, kind: str, identifier: str) -> Reply:
    record = books.record(kind, identifier)
    found, fields = str(record["id"]), edited(books, kind)
    values, complaints = texts(fields, record), list[Complaint]()
    if visit.form is not None:
        try:
            body = sent(fields, visit.form, values)
            if body:
                books.change(kind, found, body)
            return address(kind, found, done="saved")
        except RefusedError as error:
            complaints = error.complaints
            values = {field.name: visit.form.get(field.name, "") for field in fields}
    form = guard.form(
        address(kind, found, "edit"), entries(books, fields, values, complaints), submit="Save"
    )
    return answered(f"Edit {title_of(kind, record)}", kind, form, complaints)


def delete(books: Books, guard: Guard, visit: Visit, kind: str, identifier: str) -> Reply:
    record = books.record(kind, identifier)
    found = str(record["id"])
    complaints: list[Complaint] = []
    if visit.form is not None:
        try:
            books.remove(kind, found)
            return address(kind, done="deleted")
        except RefusedError as error:
            complaints = error.complaints
    content = [
        tag("p", "It is gone for good; a note of its deletion stays."),
        guard.button(address(kind, found, "delete"), "Delete"),
        tag("p", link("Keep it", address(kind, found))),
    ]
    return answered(f"Delete {title_of(kind, record)}?", kind, content, complaints)


def answered(title: str, kind: str, content: Content, complaints: list[Complaint]) -> Shown:
    """A form's page, with what was wrong with it."""
    return Shown(
        title=title,
        content=content,
        current=address(kind),
        lead=None if complaints else title_of_kind(kind),
        problem=said_by(complaints),
        status=400 if complaints else 200,
    )
