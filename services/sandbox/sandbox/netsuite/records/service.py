"""Create, change and delete records: rules, ledger, search tables, notes, journal, in one go."""

from dataclasses import dataclass, field

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import missing, not_found, user_error
from sandbox.netsuite.kinds import DEPOSIT_APPLICATION, ENTITY, ITEM, KINDS, TRANSACTION, Kind
from sandbox.netsuite.ledger.facts import check_period
from sandbox.netsuite.records.clean import Checks, Cleaner
from sandbox.netsuite.records.computed import with_computed
from sandbox.netsuite.records.merge import Wish, merge
from sandbox.netsuite.records.notes import note_changes, note_deletion
from sandbox.netsuite.records.render import PLAIN, render
from sandbox.netsuite.rules.book import (
    Followers,
    claims_of,
    conclude,
    name_of,
    repost,
    restate_open,
    withdraw,
)
from sandbox.netsuite.rules.estimates import restate_estimate
from sandbox.netsuite.rules.gross import keep_gross
from sandbox.netsuite.rules.lists import after_list
from sandbox.netsuite.rules.orders import restate_order
from sandbox.netsuite.rules.spending import applied_by, take_spending
from sandbox.netsuite.search.project import project, unproject
from sandbox.netsuite.search.transactions import project_settlement
from sandbox.netsuite.store import DuplicateError, Entry
from sandbox.netsuite.values import Document, copy, plain, ref_id, text, to

EXISTS = {ENTITY: "This entity already exists.", ITEM: "This item already exists."}
RECORD_EXISTS = "This record already exists."
COMPUTED = frozenset(
    "status total subtotal taxTotal discountTotal amountPaid amountRemaining applied unapplied"
    " pending amountRemainingTotalBox balance depositBalance overdueBalance unbilledOrders"
    " daysOverdue lastModifiedDate createdDate dateCreated transactionNumber source"
    " primaryBookBaseCurrency altName defaultAddress createdFrom orderId orderType"
    " depositDate refundedAmountTotalBox weightedTotal balancePrimary unbilledOrdersPrimary"
    " prepaymentBalance".split()
)
"""What the account reckons itself: sent along, it is not looked at."""
DISCOUNTED = frozenset(
    "estimate salesOrder invoice cashSale creditMemo cashRefund returnAuthorization"
    " discountItem".split()
)
COMPUTED_ON_LINES = frozenset(
    "quantityBilled quantityFulfilled quantityReceived itemType itemSubtype lineUniqueKey"
    " grossAmt taxAmount isOpen orderDoc orderLine".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    checks: Checks = field(default_factory=Checks)
    wish: Wish = field(default_factory=Wish)


def find_record(work: Work, kind: Kind, key: str) -> Entry:
    """By internal id or `eid:…`."""
    entry = _lookup(work, kind, key)
    if entry is None:
        raise not_found()
    return entry


def _lookup(work: Work, kind: Kind, key: str) -> Entry | None:
    if key.startswith("eid:"):
        entry = work.store.by_external_id(kind.family, key.removeprefix("eid:"))
    elif key.lstrip("-").isdigit() and len(key) < 18:
        entry = work.store.load(kind.family, int(key))
    else:
        return None
    return entry if entry is not None and entry.kind.name == kind.name else None


def create(
    work: Work,
    kind: Kind,
    body: Document,
    write: Write,
    *,
    external_id: str | None = None,
    start: Document | None = None,
    identifier: int | None = None,
) -> Entry:
    """`start` is what a transformation brings along, `identifier` what a seed prescribes."""
    patch = _clean(work, kind, body, write)
    entry = Entry(
        kind=kind,
        id=identifier or work.store.next_id(kind.family),
        external_id=external_id or text(patch, "externalId") or None,
        document=dict(start or {}),
        created=work.stamp,
        modified=work.stamp,
        creator=work.user.id,
        modifier=work.user.id,
        is_new=True,
    )
    patch.pop("externalId", None)
    merge(entry.document, patch, write.wish)
    _save(work, entry, None)
    return entry


def update(work: Work, entry: Entry, body: Document, write: Write) -> Entry:
    patch = _clean(work, entry.kind, body, write)
    before = copy(entry.document)
    image = image_of(work, entry)
    if "externalId" in patch:
        entry.external_id = text(patch, "externalId") or None
        patch.pop("externalId")
    merge(entry.document, patch, write.wish)
    entry.modified, entry.modifier = work.stamp, work.user.id
    _save(work, entry, before, image)
    return entry


def upsert(work: Work, kind: Kind, external_id: str, body: Document, write: Write) -> Entry:
    entry = work.store.by_external_id(kind.family, external_id)
    if entry is None:
        return create(work, kind, body, write, external_id=external_id)
    if entry.kind.name != kind.name:
        raise user_error(EXISTS.get(kind.family, RECORD_EXISTS))
    return update(work, entry, body, write)


def delete(work: Work, entry: Entry) -> None:
    image = image_of(work, entry)
    followers = withdraw(work, entry)
    work.store.delete(entry)
    unproject(work, entry)
    note_deletion(work, entry)
    work.changed(entry, "delete", image, None)
    follow(work, followers)


def _clean(work: Work, kind: Kind, body: Document, write: Write) -> Document:
    properties = work.account.catalog[kind.path].properties
    patch = Cleaner(work, write.checks, kind.name in DISCOUNTED).record(properties, body)
    for name in COMPUTED & patch.keys():
        del patch[name]
    held = patch.get("item")
    for line in held if isinstance(held, list) else ():
        if isinstance(line, dict):
            keep_gross(work, line)
            for name in COMPUTED_ON_LINES & line.keys():
                del line[name]
    return patch


def _spend(work: Work, entry: Entry) -> None:
    """The credits and deposits that a payment chose pay before its money does."""
    spending = take_spending(work, entry)
    for source, parts in spending.credits.items():
        credit = work.store.load(TRANSACTION, source)
        if credit is not None:
            update(work, credit, applied_by(work, source, parts), Write())
    for source, parts in spending.deposits.items():
        dated = {"tranDate": entry.document.get("tranDate")}
        start: Document = {"deposit": to(source), **(dated if dated["tranDate"] else {})}
        body = applied_by(work, source, parts)
        create(work, KINDS[DEPOSIT_APPLICATION.lower()], body, Write(), start=start)


def _save(
    work: Work,
    entry: Entry,
    before: Document | None,
    image: dict[str, object] | None = None,
) -> None:
    _spend(work, entry)
    followers = conclude(work, entry, before)
    _demand(work, entry)
    entry.name = name_of(entry)
    try:
        work.store.save(entry)
        for scope, value in claims_of(entry):
            work.store.claim(entry, scope, value)
    except DuplicateError as error:
        raise user_error(EXISTS.get(entry.kind.family, RECORD_EXISTS)) from error
    entry.is_new = False
    project(work, entry)
    after_list(work, entry)
    note_changes(work, entry, before)
    operation = "create" if before is None else "update"
    work.changed(entry, operation, image, None if work.quiet else image_of(work, entry))
    follow(work, followers)


def _demand(work: Work, entry: Entry) -> None:
    """What this account made mandatory."""
    record = work.account.catalog[entry.kind.path]
    absent = [
        record.properties[name].title or name
        for name in sorted(record.required)
        if entry.document.get(name) in (None, "", [])
    ]
    if absent and not work.quiet:
        raise missing(*absent)


def follow(work: Work, followers: Followers) -> None:
    """Bring the records that depend on the written one up to date."""
    for identifier in sorted(followers.sources):
        _follow(work, identifier, "source", touches=False)
    for identifier in sorted(followers.estimates):
        _follow(work, identifier, "estimate", touches=True)
    for identifier in sorted(followers.orders):
        _follow(work, identifier, "order", touches=True)
    touches = work.account.behaviour.application_touches_target
    for identifier in sorted(followers.invoices):
        _follow(work, identifier, "invoice", touches=touches)


def _follow(work: Work, identifier: int, role: str, *, touches: bool) -> None:
    entry = work.store.load(TRANSACTION, identifier)
    if entry is None:
        return
    image, before = image_of(work, entry), dict(entry.document)
    if touches:
        entry.modified, entry.modifier = work.stamp, work.user.id
    if role == "order":
        restate_order(work, entry)
    elif role == "estimate":
        restate_estimate(work, entry)
    elif role == "source":
        check_period(work, ref_id(entry.document, "postingPeriod"))
        repost(work, entry)
    else:
        restate_open(work, entry)
    work.store.save(entry)
    if role == "invoice":
        project_settlement(work, entry)
    else:
        project(work, entry)
    note_changes(work, entry, before)
    work.changed(entry, "update", image, image_of(work, entry))


def image_of(work: Work, entry: Entry) -> dict[str, object]:
    """The record form that the journal keeps: no links, numbers as on the wire; whole."""
    if work.quiet:
        return {}
    image = render(work, with_computed(work, entry), PLAIN)
    return {name: plain(value) for name, value in image.items()}
