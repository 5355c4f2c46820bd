"""Merging customers: what belongs to the duplicates moves to the master, the duplicates go.

Neither the record service nor SuiteQL has a call for it: people merge duplicates on a page of the
account, or a script submits a task. What a reader sees is documented: a row of `deletedrecord` for
each duplicate, and its transactions with the master as their customer.
"""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import ENTITY, TRANSACTION
from sandbox.netsuite.records.notes import note_changes, note_deletion
from sandbox.netsuite.records.service import image_of
from sandbox.netsuite.search.project import project, unproject
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, copy, lines, put_lines, ref, ref_id, to

PARTIES = ("entity", "customer")
ITSELF = "A record cannot be merged with itself."
OTHER_SUBSIDIARY = "Records of different subsidiaries cannot be merged."
"""Our own words: no recorded answer of the vendor is known."""


def merge_customers(work: Work, master: Entry, duplicate: Entry) -> list[int]:
    """Returns the ids of the transactions that belong to the master now."""
    if master.id == duplicate.id:
        raise user_error(ITSELF)
    if ref(master.document, "subsidiary") != ref(duplicate.document, "subsidiary"):
        raise user_error(OTHER_SUBSIDIARY)
    _take_in(work, master, duplicate)
    moved = _transactions(work, duplicate.id)
    for identifier in moved:
        _repoint(work, TRANSACTION, identifier, duplicate.id, master.id)
    work.connection.execute(
        "UPDATE _open_item SET entity = ? WHERE entity = ?", (master.id, duplicate.id)
    )
    for identifier in _entities(work, duplicate.id):
        _repoint(work, ENTITY, identifier, duplicate.id, master.id)
    _remove(work, duplicate)
    return moved


def _take_in(work: Work, master: Entry, duplicate: Entry) -> None:
    """The master keeps its own values; currencies and addresses come along."""
    before, image = copy(master.document), image_of(work, master)
    held = lines(master.document, "currencyList")
    known = {ref(line, "currency") for line in held}
    fresh = lines(duplicate.document, "currencyList")
    held += [line for line in fresh if ref(line, "currency") not in known]
    put_lines(master.document, "currencyList", held)
    addresses = lines(master.document, "addressBook")
    for line in lines(duplicate.document, "addressBook"):
        addresses.append(line | {"defaultBilling": False, "defaultShipping": False})
    put_lines(master.document, "addressBook", addresses)
    if ref_id(master.document, "parent") == duplicate.id:
        del master.document["parent"]
    _keep(work, master, before, image)


def _transactions(work: Work, customer: int) -> list[int]:
    rows = work.connection.execute(
        'SELECT id FROM "transaction" WHERE entity = :customer'
        ' UNION SELECT DISTINCT "transaction" FROM transactionline WHERE entity = :customer'
        " ORDER BY 1",
        {"customer": customer},
    ).fetchall()
    return [int(row[0]) for row in rows]


def _entities(work: Work, customer: int) -> list[int]:
    """Contacts of the customer and customers below it."""
    rows = work.connection.execute(
        "SELECT id FROM contact WHERE company = :customer"
        " UNION SELECT id FROM customer WHERE parent = :customer AND id <> :customer ORDER BY 1",
        {"customer": customer},
    ).fetchall()
    return [int(row[0]) for row in rows]


def _repoint(work: Work, family: str, identifier: int, old: int, new: int) -> None:
    entry = work.store.load(family, identifier)
    if entry is None:
        return
    before, image = copy(entry.document), image_of(work, entry)
    names = PARTIES if family == TRANSACTION else ("company", "parent")
    _point(entry.document, names, old, new)
    for line in lines(entry.document, "line"):
        _point(line, PARTIES, old, new)
    _keep(work, entry, before, image)


def _point(document: Document, names: tuple[str, ...], old: int, new: int) -> None:
    for name in names:
        if ref_id(document, name) == old:
            document[name] = to(new)


def _keep(work: Work, entry: Entry, before: Document, image: dict[str, object]) -> None:
    entry.modified, entry.modifier = work.stamp, work.user.id
    work.store.save(entry)
    project(work, entry)
    note_changes(work, entry, before)
    work.changed(entry, "update", image, image_of(work, entry))


def _remove(work: Work, duplicate: Entry) -> None:
    image = image_of(work, duplicate)
    work.store.delete(duplicate)
    unproject(work, duplicate)
    note_deletion(work, duplicate)
    work.changed(duplicate, "delete", image, None)
