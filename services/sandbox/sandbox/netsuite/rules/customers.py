"""Customers, vendors and contacts: what they must have and what the account fills in."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import ENTITY
from sandbox.netsuite.ledger.facts import base_currency
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, flag, lines, put_lines, ref, ref_id, text, to

CLOSED_WON = "13"
EXISTS = "This entity already exists."


def prepare_customer(work: Work, entry: Entry, before: Document | None) -> None:
    _person_or_company(work, entry, before)
    if before is None:
        _defaults(work, entry)
    _name_and_places(work, entry)


def prepare_vendor(work: Work, entry: Entry, before: Document | None) -> None:
    _person_or_company(work, entry, before)
    if before is None:
        _shared_defaults(work, entry.document)
    _name_and_places(work, entry)


def _person_or_company(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    if document.get("isPerson") is None:
        named = text(document, "firstName") or text(document, "lastName")
        document["isPerson"] = bool(named) and not text(document, "companyName")
    _required(work, document)
    _subsidiary(work, entry, before)


def _name_and_places(work: Work, entry: Entry) -> None:
    document = entry.document
    if not text(document, "entityId"):
        document["entityId"] = work.store.next_number(entry.kind)
    _currencies(document)
    _addresses(work, document)
    document["altName"] = _called(document)


def _required(work: Work, document: Document) -> None:
    wanted: list[str] = []
    if flag(document, "isPerson"):
        wanted += [
            label
            for name, label in (("firstName", "First Name"), ("lastName", "Last Name"))
            if not text(document, name)
        ]
    elif not text(document, "companyName"):
        wanted.append("Company Name")
    if work.account.profile.one_world and not ref(document, "subsidiary"):
        wanted.append("Subsidiary")
    if wanted:
        raise missing(*wanted)


def _subsidiary(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    if not work.account.profile.one_world:
        document.pop("subsidiary", None)
    if before is None or ref(before, "subsidiary") == ref(document, "subsidiary"):
        return
    if has_transactions(work, entry.id):
        raise invalid_field(ref(document, "subsidiary"), "subsidiary", "subsidiary")


def has_transactions(work: Work, entity: int) -> bool:
    row = work.connection.execute(
        'SELECT 1 FROM "transaction" WHERE entity = ? LIMIT 1', (entity,)
    ).fetchone()
    return row is not None


def _defaults(work: Work, entry: Entry) -> None:
    document = entry.document
    _shared_defaults(work, document)
    document.setdefault("entityStatus", to(CLOSED_WON))
    document.setdefault("creditHoldOverride", {"id": "AUTO"})
    document.setdefault("receivablesAccount", to("-10"))


def _shared_defaults(work: Work, document: Document) -> None:
    document.setdefault("currency", to(base_currency(work, ref_id(document, "subsidiary"))))
    document.setdefault("isInactive", False)
    document.setdefault("emailPreference", {"id": "DEFAULT"})
    document.setdefault("autoName", not text(document, "entityId"))


def _currencies(document: Document) -> None:
    """The primary currency is always one of the list."""
    held = lines(document, "currencyList")
    primary = ref(document, "currency")
    if all(ref(line, "currency") != primary for line in held):
        held.insert(0, {"currency": to(primary)})
    put_lines(document, "currencyList", held)


def _addresses(work: Work, document: Document) -> None:
    """One default for billing and one for shipping: the line set last wins."""
    held = lines(document, "addressBook")
    for name in ("defaultBilling", "defaultShipping"):
        chosen = [at for at, line in enumerate(held) if flag(line, name)]
        for at, line in enumerate(held):
            line[name] = bool(chosen) and at == chosen[-1]
    for line in held:
        if line.get("id") is None:
            line["id"] = work.store.count("addressbook", 1)
        line["internalId"] = line["id"]
        line["addressId"] = text(line, "id")
        address = line.get("addressBookAddress")
        if isinstance(address, dict):
            address["addrText"] = address_text(document, address)
            line["addressBookAddress_text"] = address["addrText"]
            line.setdefault("label", text(address, "addr1") or None)
    put_lines(document, "addressBook", held)
    shown = [line for line in held if flag(line, "defaultBilling")]
    document["defaultAddress"] = text(shown[0], "addressBookAddress_text") if shown else None


def address_text(document: Document, address: Document) -> str:
    place = " ".join(text(address, name) for name in ("city", "state", "zip")).split()
    parts = [
        text(address, "addressee") or _called(document),
        *(text(address, name) for name in ("attention", "addr1", "addr2", "addr3")),
        " ".join(place),
        ref(address, "country"),
    ]
    return "\n".join(part for part in parts if part)


def _called(document: Document) -> str:
    if flag(document, "isPerson"):
        return f"{text(document, 'firstName')} {text(document, 'lastName')}".strip()
    return text(document, "companyName")


def customer_name(document: Document) -> str:
    """As lists show it: number and name."""
    return f"{text(document, 'entityId')} {_called(document)}".strip()


def prepare_contact(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    company = work.store.load(ENTITY, ref_id(document, "company"))
    if work.account.profile.one_world and not ref(document, "subsidiary"):
        if company is None or not ref(company.document, "subsidiary"):
            raise missing("Subsidiary")
        document["subsidiary"] = to(ref(company.document, "subsidiary"))
    if not text(document, "entityId"):
        called = f"{text(document, 'firstName')} {text(document, 'lastName')}".strip()
        if not called:
            raise missing("Name")
        document["entityId"] = called
    document.setdefault("isInactive", False)
    document.setdefault("isPrivate", False)


def forbid_delete(work: Work, entry: Entry) -> None:
    if has_transactions(work, entry.id):
        raise user_error(DEPENDENT)
    row = work.connection.execute(
        "SELECT 1 FROM contact WHERE company = ? LIMIT 1", (entry.id,)
    ).fetchone()
    if row is not None:
        raise user_error(DEPENDENT)


DEPENDENT = "This record cannot be deleted because it has dependent records."
