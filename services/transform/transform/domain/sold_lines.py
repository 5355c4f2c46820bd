"""How much of each sold line was shipped and billed, told on the line it came from."""

from collections.abc import Iterator, Mapping

from kernel.maps import RecordMap
from kernel.messages import WriteCommand
from kernel.records import RecordRef, System, salesforce
from kernel.values import Document, Fields
from transform.domain.deals import DEAL_LINES, OPPORTUNITY, ORDER, ORDER_LINES
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Case, Facts, Policy
from transform.domain.lifecycle import DELETED
from transform.domain.mapping import mapped

LIST, LINE_ID = "item", "custcol_sf_line_id"
KINDS: Mapping[str, tuple[str, str]] = {
    OPPORTUNITY: ("OpportunityLineItem", DEAL_LINES),
    ORDER: ("OrderItem", ORDER_LINES),
}
"""Kind of the deal → kind of its lines, and the list in which it is read with them."""
MOVED = ("quantityFulfilled", "quantityBilled")


def targets(document: Document) -> frozenset[RecordRef]:
    """Where the lines may be told; the order itself does not say to which kind they belong."""
    named = {str(line.get(LINE_ID)) for line in document.lines.get(LIST, ()) if line.get(LINE_ID)}
    return frozenset(salesforce(kind, one) for kind, _ in KINDS.values() for one in named)


def commands(
    case: Case, document: Document, facts: Facts, policy: Policy
) -> tuple[WriteCommand, ...]:
    """One a line that reads otherwise than it was told. A line of which nothing has moved yet is
    not told: that would be a write a line for every deal. One that the deal has no more is left.
    """
    link = facts.links.get(case.change.ref)
    deal = link.source if link else None
    if deal is None or deal.kind not in KINDS or facts.applied.get((deal, DELETED)):
        return ()
    kind, own_list = KINDS[deal.kind]
    record_map = _map_of(policy, deal.kind, kind)
    if record_map is None:
        return ()
    known = facts.bodies.get(deal, Document()).lines.get(own_list, ())
    standing = {line.get("Id") for line in known}
    return tuple(
        _command(case, salesforce(kind, line_id), fields, record_map, policy)
        for line_id, fields in _changed(document, kind, record_map, facts)
        if line_id in standing
    )


def _map_of(policy: Policy, deal: str, kind: str) -> RecordMap | None:
    return next(
        (
            found
            for found in policy.maps.sources(System.NETSUITE)
            if (found.source_kind, found.target_kind) == ("salesOrder", deal)
            for lines in found.lines
            if (lines.read, lines.write) == (LIST, kind)
        ),
        None,
    )


def _changed(
    document: Document, kind: str, record_map: RecordMap, facts: Facts
) -> Iterator[tuple[str, Document]]:
    lines = document.lines.get(LIST, ())
    told = mapped(record_map, document, facts).lines.get(kind, ())
    for line, fields in zip(lines, told, strict=True):
        line_id = line.get(LINE_ID)
        if not isinstance(line_id, str):
            continue
        target = salesforce(kind, line_id)
        was_told = any((target, name) in facts.applied for name in fields)
        to_write = changed_only(Document(fields), target, facts)
        if not is_empty(to_write) and (was_told or _has_moved(line)):
            yield line_id, to_write


def _has_moved(line: Fields) -> bool:
    return any(line.get(name) for name in MOVED)


def _command(
    case: Case, target: RecordRef, document: Document, record_map: RecordMap, policy: Policy
) -> WriteCommand:
    return command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=record_map.part,
        version=case.change.version,
        document=document,
        map_hash=policy.maps.hash,
    )
