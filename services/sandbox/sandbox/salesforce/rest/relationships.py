"""A record's parent or its children by the name of the relationship in the address."""

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.records import existing
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.query import asker_of
from sandbox.salesforce.rest.sobjects import fields_named, read_by_external_id, render
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.run import run_query


def read_below(desk: Desk, call: Call) -> Answer:
    """…/Contact/003…/Account is a parent, …/Account/001…/Contacts a page of children; with the
    name of a field in place of the id it is the record of an external id."""
    sobject = desk.sobject(call.parts["object"], call.user)
    identifier = call.parts["field"]
    if not is_id(identifier) or not normal(identifier).startswith(sobject.prefix):
        return read_by_external_id(desk, call)
    with desk.transaction(call) as work:
        row = existing(work, sobject, identifier)
        name = call.parts["value"]
        reference = sobject.reference(name)
        if reference is None:
            return _children(desk, call, sobject, str(row["Id"]))
        target = desk.org.metadata.view(call.user).by_prefix(str(row[reference.name] or ""))
        if target is None:
            raise not_found(f"The requested resource does not exist: {name}")
        parent = existing(work, target, str(row[reference.name]))
    return Answer(body=render(call.version, target, parent, _wanted(call, target)))


def _children(desk: Desk, call: Call, sobject: SObject, identifier: str) -> Answer:
    relation = sobject.child(call.parts["value"])
    target = desk.org.metadata.view(call.user).find(relation.child) if relation else None
    if relation is None or target is None:
        raise not_found()
    columns = ", ".join(field.name for field in _wanted(call, target))
    soql = f"SELECT {columns} FROM {target.name} WHERE {relation.field} = '{identifier}'"
    return Answer(body=run_query(asker_of(desk, call), soql, every=False))


def _wanted(call: Call, target: SObject) -> list[Field]:
    names = call.query.get("fields", "")
    return fields_named(target, names.split(",")) if names else list(target.fields)
