"""How transactions hang together: what was made from what, and what settles what."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from kernel.records import RecordRef, netsuite

ORDER_KIND, INVOICE_KIND, PART_KIND = "salesOrder", "invoice", "transaction"
CREDIT_KINDS = frozenset({"creditMemo", "cashRefund"})
BILLS = frozenset({INVOICE_KIND, "cashSale"})
BILLING_KINDS = BILLS | {"returnAuthorization"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`next` was made from `previous`, or settles or uses up `settled` of it."""

    previous: RecordRef
    next: RecordRef
    settled: Decimal
    """In the currency of the transaction; 0 where it was only made from it."""
    made: bool = False
    """The later one names the earlier one as its origin."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The pairs around some transactions. `asked`: ids whose pairs are all known."""

    asked: frozenset[str] = frozenset()
    before: dict[str, tuple[Pair, ...]] = field(default_factory=dict)
    """By the id of the later end, ordered by the earlier one's."""
    after: dict[str, tuple[Pair, ...]] = field(default_factory=dict)
    """By the id of the earlier end, ordered by the later one's."""

    def pairs(self) -> Iterator[Pair]:
        for pairs in self.before.values():
            yield from pairs


def graph_of(asked: Collection[str], pairs: Iterable[Pair]) -> Graph:
    each = {(pair.previous.id, pair.next.id): pair for pair in pairs}
    before: dict[str, tuple[Pair, ...]] = {}
    after: dict[str, tuple[Pair, ...]] = {}
    for pair in sorted(each.values(), key=_place):
        before[pair.next.id] = (*before.get(pair.next.id, ()), pair)
        after[pair.previous.id] = (*after.get(pair.previous.id, ()), pair)
    return Graph(frozenset(asked), before, after)


def joined(first: Graph, second: Graph) -> Graph:
    if not second.asked:
        return first
    return graph_of(first.asked | second.asked, [*first.pairs(), *second.pairs()])


def sources_of(graph: Graph, transaction: str) -> list[RecordRef]:
    """All that it leads back to, nearest first: a payment its invoices, then their orders."""
    found: dict[str, RecordRef] = {}
    near = [transaction]
    while near:
        pairs = [pair for one in near for pair in graph.before.get(one, ())]
        fresh = {p.previous.id: p.previous for p in pairs if p.previous.id not in found}
        found |= fresh
        near = list(fresh)
    return [ref for ref in found.values() if ref.id != transaction]


def touched_by(graph: Graph, transaction: str) -> list[RecordRef]:
    """Documents that read otherwise once this one has changed: what it leads back to, and what
    settles it."""
    settling = [pair.next for pair in graph.after.get(transaction, ()) if pair.settled]
    return list(dict.fromkeys([*sources_of(graph, transaction), *settling]))


def order_of(graph: Graph, transaction: RecordRef) -> str | None:
    """The one sales order it belongs to; None where there is none, or several."""
    orders = [ref.id for ref in sources_of(graph, transaction.id) if ref.kind == ORDER_KIND]
    return orders[0] if len(orders) == 1 else None


def bills_of(graph: Graph, order: str) -> list[RecordRef]:
    """Invoices, and sales that were paid at once."""
    return [pair.next for pair in graph.after.get(order, ()) if pair.next.kind in BILLS]


def invoices_of(graph: Graph, order: str) -> list[str]:
    return [pair.next.id for pair in graph.after.get(order, ()) if pair.next.kind == INVOICE_KIND]


@dataclass(frozen=True, slots=True)
class Credit:
    """`applied` of it settles invoices of the order; `whole`: it was made for this order alone."""

    id: str
    whole: bool
    applied: Decimal


def credits_of(graph: Graph, order: str) -> list[Credit]:
    """What was credited of an order: of its invoices, of what came back, of cash sales."""
    invoices = invoices_of(graph, order)
    found: dict[str, Credit] = {}
    for source in [order, *_below(graph, order)]:
        for pair in graph.after.get(source, ()):
            if pair.next.kind in CREDIT_KINDS:
                known = found.get(pair.next.id) or Credit(pair.next.id, False, Decimal(0))
                settled = pair.settled if source in invoices else Decimal(0)
                whole = known.whole or pair.made
                found[pair.next.id] = Credit(known.id, whole, known.applied + settled)
    return [found[one] for one in sorted(found, key=int)]


def unasked_below(graph: Graph) -> set[str]:
    """What was billed of orders on the way and is not looked around yet."""
    orders = {one for one in graph.asked if _is_order(graph, one)}
    return {one for order in orders for one in _below(graph, order)} - graph.asked


def _is_order(graph: Graph, transaction: str) -> bool:
    return any(pair.previous.kind == ORDER_KIND for pair in graph.after.get(transaction, ()))


def _below(graph: Graph, order: str) -> list[str]:
    """Invoices, cash sales and returns of an order, and returns of those."""
    found: dict[str, None] = {}
    near = [order]
    while near:
        nexts = [pair.next for one in near for pair in graph.after.get(one, ())]
        near = [ref.id for ref in nexts if ref.kind in BILLING_KINDS and ref.id not in found]
        found.update(dict.fromkeys(near))
    return list(found)


def settlements_of(graph: Graph, transaction: str) -> list[tuple[RecordRef, RecordRef, Decimal]]:
    """The other one, the one that settles, and how much: what it settles first, then what
    settles it."""
    paid = [(p.previous, p.next, p.settled) for p in graph.before.get(transaction, ())]
    paying = [(p.next, p.next, p.settled) for p in graph.after.get(transaction, ())]
    return [item for item in (*paid, *paying) if item[2]]


def neighbours(graph: Graph, transactions: Collection[str]) -> frozenset[str]:
    """Those at the other end: what is made of them and what settles them are told with them."""
    found = {pair.previous.id for one in transactions for pair in graph.before.get(one, ())}
    return frozenset(
        found | {pair.next.id for one in transactions for pair in graph.after.get(one, ())}
    )


def part(transaction: str) -> RecordRef:
    """A transaction whose kind does not matter: all kinds share one range of ids."""
    return netsuite(PART_KIND, transaction)


def _place(pair: Pair) -> tuple[int, int]:
    return int(pair.previous.id), int(pair.next.id)
