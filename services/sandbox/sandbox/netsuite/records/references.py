"""Finds what a reference names: by internal id or by external id."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import Property
from sandbox.netsuite.kinds import (
    ENTITY,
    ITEM,
    KINDS,
    OPPORTUNITY,
    REQUEST,
    TRANSACTION,
    Kind,
    family_of,
)
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, to

PEOPLE = frozenset({"salesRep", "employee", "nextApprover", "supervisor", "approver"})
"""Properties whose catalogue target says customer although they name employees."""
ANYONE = frozenset({"author", "recipient", "primaryRecipient"})
"""The same where any entity will do."""
ALONE = frozenset({OPPORTUNITY, REQUEST})
"""Transactions that are named where no other will do."""
BY_NAME = {
    "createdFrom": TRANSACTION,
    "doc": TRANSACTION,
    "transaction": TRANSACTION,
    "orderDoc": TRANSACTION,
    "item": ITEM,
    "entity": ENTITY,
    "class": "classification",
    "department": "department",
    "location": "location",
}
"""Properties of which the catalogue only says that they name some record."""
DIGITS_MAX = 18
CHOICES = {"receivablesAccount": "-10"}
"""A choice of the account's own in place of a record: use the system preference."""


def target_family(item: Property) -> str:
    """Empty when the account keeps no such records: then any id is taken as it is."""
    if item.name in PEOPLE:
        return ENTITY
    if item.target.split("|")[0] in ("nsResource", "customer", "vendor") and item.name in BY_NAME:
        return BY_NAME[item.name]
    return family_of(item.target.split("|")[0])


def target_kind(item: Property) -> Kind | None:
    """Set when exactly one record type fits."""
    if item.name in PEOPLE:
        return KINDS["employee"]
    if item.name in ANYONE:
        return None
    kind = KINDS.get(item.target.split("|")[0].lower())
    return kind if kind and (kind.family == ENTITY or kind.name in ALONE) else None


CUSTOM_PRICE_LEVEL = ("price", "-1")
"""The price level "Custom" is no record of its own."""


def resolve(work: Work, item: Property, value: Value) -> Document | None:
    """The reference `{"id": …}`, or None when it leads nowhere."""
    family = target_family(item)
    if isinstance(value, dict):
        if isinstance(value.get("externalId"), str) and "id" not in value:
            return _by_external_id(work, item, family, str(value["externalId"]))
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str) or str(value) == "":
        return None
    identifier = str(value)
    if len(identifier) > DIGITS_MAX and identifier.lstrip("-").isdigit():
        return None
    if not family or CHOICES.get(item.name) == identifier:
        return to(identifier)
    if not identifier.lstrip("-").isdigit():
        return None
    if (item.name, identifier) == CUSTOM_PRICE_LEVEL:
        return to(identifier)
    entry = work.store.load(family, int(identifier))
    return to(entry.id) if entry is not None and _fits(item, entry) else None


def _by_external_id(work: Work, item: Property, family: str, external_id: str) -> Document | None:
    entry = work.store.by_external_id(family, external_id) if family else None
    return to(entry.id) if entry is not None and _fits(item, entry) else None


def _fits(item: Property, entry: Entry) -> bool:
    kind = target_kind(item)
    return kind is None or entry.kind.name == kind.name
