"""Keeps the search tables in step with the records: after every save, in the same transaction."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import ENTITY, ITEM, TRANSACTION
from sandbox.netsuite.ledger.facts import base_currency
from sandbox.netsuite.ledger.postings import clear_postings
from sandbox.netsuite.rules.lines import WITHOUT_SUBTYPE
from sandbox.netsuite.search.rows import Row, put, remove, row_of
from sandbox.netsuite.search.transactions import project_transaction
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import local_minute
from sandbox.netsuite.values import Document, flag, lines, ref, ref_id, text, whole

ADDRESS = "customeraddressbookentityaddress"


def project(work: Work, entry: Entry) -> None:
    if entry.kind.family == TRANSACTION:
        project_transaction(work, entry)
    elif entry.kind.family == ENTITY:
        _entity(work, entry)
    else:
        table = ITEM if entry.kind.family == ITEM else entry.kind.path
        if table in work.account.tables:
            put(work, table, {**row_of(work, table, entry.document), **_stamps(entry, table)})


def unproject(work: Work, entry: Entry) -> None:
    if entry.kind.family == TRANSACTION:
        clear_postings(work, entry.id)
        remove(work, "transactionline", "transaction", entry.id)
        remove(work, "transaction", "id", entry.id)
        work.connection.execute("DELETE FROM _link WHERE nextdoc = ?", (entry.id,))
        return
    table = ITEM if entry.kind.family == ITEM else entry.kind.path
    if table in work.account.tables:
        remove(work, table, "id", entry.id)
    if entry.kind.family == ENTITY:
        remove(work, "entity", "id", entry.id)
        _clear_addresses(work, entry)


def _stamps(entry: Entry, table: str) -> Row:
    created = "createddate" if table in (ITEM, TRANSACTION) else "datecreated"
    row: Row = {
        "id": entry.id,
        "externalid": entry.external_id,
        "lastmodifieddate": local_minute(entry.modified),
        created: local_minute(entry.created),
    }
    if table == ITEM:
        row |= {
            "itemtype": entry.kind.code,
            "subtype": None if entry.kind.name in WITHOUT_SUBTYPE else "Sale",
            "fullname": text(entry.document, "itemId"),
            "description": text(entry.document, "salesDescription") or None,
        }
    if table == "account":
        row |= {
            "accountsearchdisplayname": entry.name,
            "displaynamewithhierarchy": text(entry.document, "acctName"),
        }
    return row


def _entity(work: Work, entry: Entry) -> None:
    table, document = entry.kind.path, entry.document
    row = {**row_of(work, table, document), **_stamps(entry, table)}
    shared = {**row_of(work, ENTITY, document), **_stamps(entry, ENTITY)}
    named: Row = {"entitytitle": entry.name, "fullname": text(document, "entityId")}
    if table == "customer":
        named["altname"] = text(document, "altName") or None
        row |= {"searchstage": "Customer", "isjob": "F", "entitynumber": entry.id}
        _addresses(work, entry, row)
        _relationship(work, entry)
    put(work, table, {**row, **named})
    shared["type"] = entry.kind.code
    shared[table] = entry.id
    put(work, ENTITY, {**shared, **named})


def _addresses(work: Work, entry: Entry, row: Row) -> None:
    _clear_addresses(work, entry)
    for line in lines(entry.document, "addressBook"):
        key = whole(line, "id")
        address = line.get("addressBookAddress")
        inner: Document = address if isinstance(address, dict) else {}
        put(work, ADDRESS, {**row_of(work, ADDRESS, inner), "nkey": key})
        put(
            work,
            "customeraddressbook",
            {
                "entity": entry.id,
                "internalid": key,
                "addressbookaddress": key,
                "label": text(line, "label") or None,
                "defaultbilling": "T" if flag(line, "defaultBilling") else "F",
                "defaultshipping": "T" if flag(line, "defaultShipping") else "F",
            },
        )
        if flag(line, "defaultBilling"):
            row["defaultbillingaddress"] = key
        if flag(line, "defaultShipping"):
            row["defaultshippingaddress"] = key


def _clear_addresses(work: Work, entry: Entry) -> None:
    work.connection.execute(
        f"DELETE FROM {ADDRESS} WHERE nkey IN"
        " (SELECT addressbookaddress FROM customeraddressbook WHERE entity = ?)",
        (entry.id,),
    )
    remove(work, "customeraddressbook", "entity", entry.id)


def _relationship(work: Work, entry: Entry) -> None:
    table = "customersubsidiaryrelationship"
    if table not in work.account.tables:
        return
    subsidiary = ref_id(entry.document, "subsidiary")
    put(
        work,
        table,
        {
            "id": entry.id,
            "entity": entry.id,
            "subsidiary": subsidiary,
            "isprimarysub": "T",
            "name": work.store.name("subsidiary", subsidiary),
            "primarycurrency": ref_id(entry.document, "currency")
            or base_currency(work, subsidiary),
            "lastmodifieddate": local_minute(entry.modified),
            "externalid": ref(entry.document, "externalId") or None,
        },
    )
