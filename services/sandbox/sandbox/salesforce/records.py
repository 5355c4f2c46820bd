"""Saving and deleting records under the platform's rules.

A refusal may come in the middle of a save: who goes on after one makes an `attempt` of it.
"""

import re
import sqlite3
from collections.abc import Mapping

from sandbox.faults import RECORD_METHOD
from sandbox.salesforce.duplicates import check_duplicates, remember_match_key
from sandbox.salesforce.errors import Refusal, deleted, named, not_found
from sandbox.salesforce.ids import is_id, make_id, normal
from sandbox.salesforce.org import Org
from sandbox.salesforce.recycling import take_away
from sandbox.salesforce.rules.registry import NOTHING, RULES
from sandbox.salesforce.rules.validation import check_validation
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import Stored, check_prefix, store
from sandbox.salesforce.work import MODIFIED, Work

Body = Mapping[str, object]
ATTRIBUTES = "attributes"


def create(work: Work, view: SObject, body: Body) -> str:
    """Returns the new record's id. `view` is the object as the user may see and change it."""
    _allowed(view, "c", "inserted")
    given = fields_given(work, view, body, creating=True)
    sobject = work.org.schema.of(view.name)
    row = _fresh_row(work, sobject)
    row.update(given)
    _disturb(work, sobject, str(row["Id"]))
    _save(work, sobject, None, row, frozenset(given))
    return str(row["Id"])


def change(work: Work, view: SObject, identifier: str, body: Body) -> None:
    _allowed(view, "u", "updated")
    before = existing(work, view, identifier)
    given = fields_given(work, view, body, creating=False)
    _disturb(work, view, str(before["Id"]))
    _save(work, work.org.schema.of(view.name), before, before | given, frozenset(given))


def remove(work: Work, view: SObject, identifier: str) -> None:
    _allowed(view, "d", "deleted")
    before = existing(work, view, identifier)
    _disturb(work, view, str(before["Id"]))
    take_away(work, work.org.schema.of(view.name), before, root=str(before["Id"]))


def _disturb(work: Work, sobject: SObject, identifier: str) -> None:
    """A bad day of this one record, when a rule asks for it."""
    path = f"/{sobject.name}/{identifier}"
    fault = work.org.faults.match("salesforce", RECORD_METHOD, path)
    if fault is not None and fault.effect == "status":
        raise named(str(fault.body or "UNABLE_TO_LOCK_ROW"), identifier)


def identified(work: Work, identifier: str) -> SObject:
    """The object that an id belongs to, as the user sees it."""
    found = work.view.by_prefix(identifier)
    if found is None:
        raise Refusal("MALFORMED_ID", f"malformed id {identifier}", fields=())
    return found


def existing(work: Work, sobject: SObject, identifier: str) -> dict[str, Stored]:
    """The record of an id as a caller wrote it."""
    return stored_row(work.org, sobject, identifier)


def stored_row(org: Org, sobject: SObject, identifier: str) -> dict[str, Stored]:
    """The same for who only reads."""
    if not is_id(identifier):
        message = f"Provided external ID field does not exist or is not accessible: {identifier}"
        raise not_found(message)
    row = org.row(sobject, normal(identifier))
    if row is None:
        if org.value(
            "SELECT 1 FROM purged WHERE object = ? AND id = ?", sobject.name, normal(identifier)
        ):
            raise deleted()
        raise not_found()
    if row.get("IsDeleted"):
        raise deleted()
    return row


def fields_given(work: Work, sobject: SObject, body: Body, *, creating: bool) -> dict[str, Stored]:
    """The stored values of a request's body, each field checked by its own rules."""
    given: dict[str, Stored] = {}
    locked = []
    for name, value in body.items():
        if name.lower() == ATTRIBUTES:
            continue
        field = sobject.field(name)
        if field is None:
            parent = sobject.reference(name)
            if parent is None or not isinstance(value, Mapping | None):
                raise unknown_field(name, sobject)
            given[parent.name] = _by_external_id(work, parent, value)
        elif not (field.createable if creating else field.updateable):
            locked.append(field.name)
        else:
            given[field.name] = store(field, value)
    if locked:
        raise _locked(locked)
    return given


def unknown_field(name: str, sobject: SObject) -> Refusal:
    return Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")


def _locked(names: list[str]) -> Refusal:
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of"
        " this field and verify that it is read/write for your profile or permission set."
    )
    return Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=names)


def _allowed(sobject: SObject, flag: str, verb: str) -> None:
    if flag not in sobject.flags:
        message = f"entity type cannot be {verb}: {sobject.label}"
        raise Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=())


def _by_external_id(work: Work, parent: Field, value: object) -> Stored:
    """A reference written as {"Ext__c": value} in place of the parent's id."""
    if not isinstance(value, Mapping):
        return None
    keys = {name: entry for name, entry in value.items() if name.lower() != ATTRIBUTES}
    target = work.view.find(parent.reference_to[0]) if parent.reference_to else None
    name, wanted = next(iter(keys.items()), ("", None))
    field = target.field(name) if target else None
    if len(keys) != 1 or target is None or field is None or not field.id_lookup:
        message = f"The {parent.relationship} relationship needs one external id field"
        raise Refusal("INVALID_FIELD", message, fields=())
    ids = find_by(work, target, field, store(field, wanted))
    if len(ids) != 1:
        message = (
            f"Foreign key external ID: {wanted} not found for field {field.name}"
            f" in entity {target.name}"
        )
        raise Refusal("INVALID_FIELD", message, fields=())
    return ids[0]


def find_by(work: Work, sobject: SObject, field: Field, value: Stored) -> list[str]:
    """Ids of the living records with this value, a handful at most."""
    alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
    rows = work.org.connection.execute(
        f'SELECT "Id" FROM "{sobject.name}" WHERE "{field.name}" = ?{alive} ORDER BY "Id" LIMIT 10',
        (value,),
    )
    return [row[0] for row in rows]


def _fresh_row(work: Work, sobject: SObject) -> dict[str, Stored]:
    """An empty record with its id, stamps and defaults."""
    now = work.at_s
    row: dict[str, Stored] = dict(sobject.blank)
    for field in sobject.defaulted:
        row[field.name] = _default(work, sobject, field)
    row["Id"] = make_id(sobject.prefix, work.org.counters.take(f"id {sobject.name}"))
    stamps: dict[str, Stored] = dict(zip(MODIFIED, (now, work.user, now), strict=True))
    stamps |= {"CreatedDate": now, "CreatedById": work.user, "OwnerId": work.user}
    row.update({name: value for name, value in stamps.items() if sobject.has(name)})
    return row


def _default(work: Work, sobject: SObject, field: Field) -> Stored:
    if field.auto_number:
        return _numbered(field, work.org.counters.take(f"number {sobject.name}"))
    if field.name == "CurrencyIsoCode":
        return work.org.user_currency(work.user)
    if field.name == "RecordTypeId":
        return next((found.id for found in sobject.record_types if found.active), None)
    return field.default


def _numbered(field: Field, number: int) -> str:
    found = re.search(r"\{(0+)\}", field.number_format)
    if found is None:
        return f"{number + 99:08d}"
    return field.number_format.replace(found[0], str(number).zfill(len(found[1])))


def _save(
    work: Work,
    sobject: SObject,
    before: dict[str, Stored] | None,
    row: dict[str, Stored],
    given: frozenset[str],
) -> None:
    rules = RULES.get(sobject.name, NOTHING)
    _check_required(sobject, row, given, creating=before is None)
    _check_references(work, sobject, before, row)
    _check_currency(work, sobject, before, row)
    _check_record_type(sobject, before, row)
    rules.before_save(work, before, row, given)
    check_validation(work, sobject, before, row)
    if sobject.name == "Account":
        check_duplicates(work, before, row)
    try:
        if before is None:
            work.insert(sobject, row)
        else:
            work.update(sobject, before, row)
    except sqlite3.IntegrityError:
        raise _duplicate_value(work, sobject, row) from None
    if sobject.name == "Account":
        remember_match_key(work, row)
    rules.after_save(work, before, row)


def _check_required(
    sobject: SObject, row: Mapping[str, Stored], given: frozenset[str], *, creating: bool
) -> None:
    missing = [
        field.name
        for field in sobject.obliged
        if row[field.name] is None and (field.name in given or (creating and field.required))
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=missing)


def _check_references(
    work: Work,
    sobject: SObject,
    before: Mapping[str, Stored] | None,
    row: Mapping[str, Stored],
) -> None:
    prefixes = work.org.schema.prefixes
    for field in sobject.references:
        value = row[field.name]
        if value is None:
            continue
        if before is not None and before.get(field.name) == value:
            continue
        if value == work.user and "User" in field.reference_to:
            continue
        check_prefix(field, str(value), prefixes)
        target = work.org.schema.by_prefix(str(value))
        if target is None or not _is_there(work, target, value):
            fields = [field.name] if target is None else []
            raise Refusal(
                "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=fields
            )


def _is_there(work: Work, target: SObject, identifier: Stored) -> bool:
    alive = ' AND "IsDeleted" = 0' if target.has("IsDeleted") else ""
    sql = f'SELECT 1 FROM "{target.name}" WHERE "Id" = ?{alive}'
    return work.org.value(sql, identifier) is not None


def _check_currency(
    work: Work,
    sobject: SObject,
    before: Mapping[str, Stored] | None,
    row: Mapping[str, Stored],
) -> None:
    for name in ("CurrencyIsoCode", "DefaultCurrencyIsoCode"):
        code = row.get(name)
        if code is None or (before is not None and before.get(name) == code):
            continue
        if not work.org.active_currencies().get(str(code).upper()):
            message = f"bad value for restricted picklist field: {code}"
            raise Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[name])


def _check_record_type(
    sobject: SObject, before: Mapping[str, Stored] | None, row: Mapping[str, Stored]
) -> None:
    given = row.get("RecordTypeId")
    if given is None or (before is not None and before.get("RecordTypeId") == given):
        return
    if given not in {found.id for found in sobject.record_types if found.active}:
        message = f"Record Type ID: this ID value isn't valid for the user: {given}"
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", message, fields=["RecordTypeId"])


def _duplicate_value(work: Work, sobject: SObject, row: Mapping[str, Stored]) -> Refusal:
    for field in sobject.stored:
        value = row[field.name]
        if not field.unique or value is None:
            continue
        others = [found for found in find_by(work, sobject, field, value) if found != row["Id"]]
        if others:
            message = (
                f"duplicate value found: {field.name} duplicates value on record with id:"
                f" {others[0]}"
            )
            return Refusal("DUPLICATE_VALUE", message, fields=[field.name])
    return Refusal("DUPLICATE_VALUE", "duplicate value found: <unknown>", fields=())
