"""Find the document of a line whose event does not name it: in what is remembered, or by asking."""

from collections.abc import Sequence

from ingest.app.membership import Membership
from ingest.domain import soql
from ingest.domain.changes import Notice, Orphan, Sweep, adopted
from ingest.ports import Member, Salesforce
from kernel.records import RecordRef, salesforce

Homes = dict[Orphan, tuple[RecordRef, ...]]


class Orphanage:
    def __init__(self, records: Salesforce, membership: Membership) -> None:
        self._records, self._membership = records, membership

    async def homes(self, orphans: Sequence[Orphan]) -> Homes:
        """The documents of each line; lines whose document nobody knows are left out."""
        found = await self._remembered(orphans)
        asked: dict[tuple[str, str], list[Orphan]] = {}
        for orphan in orphans:
            if orphan not in found:
                asked.setdefault((orphan.line.kind, orphan.root_kind), []).append(orphan)
        for some in asked.values():
            await self._ask(some)
        return {**found, **await self._remembered([o for some in asked.values() for o in some])}

    async def _remembered(self, orphans: Sequence[Orphan]) -> Homes:
        roots = await self._membership.roots_of([orphan.part for orphan in orphans])
        homes = {
            orphan: tuple(r for r in roots.get(orphan.part, ()) if r.kind == orphan.root_kind)
            for orphan in orphans
        }
        return {orphan: found for orphan, found in homes.items() if found}

    async def _ask(self, orphans: Sequence[Orphan]) -> None:
        """Remember what Salesforce says about lines of one kind and documents of one kind."""
        line, root_kind = orphans[0].line, orphans[0].root_kind
        ids = list(dict.fromkeys(orphan.part.id for orphan in orphans))
        members: list[Member] = []
        for statement in soql.batches(ids, lambda some: soql.parents(line, some)):
            for row in await self._records.query(statement, deleted=True):
                part, root_id = salesforce(line.kind, str(row["Id"])), row.get(line.parent)
                if isinstance(root_id, str):
                    members.append(Member(part=part, root=salesforce(root_kind, root_id)))
        await self._membership.remember(members)


def housed(orphans: Sequence[Orphan], homes: Homes) -> tuple[list[Notice], list[Sweep]]:
    """The notices of lines with a document. A line without one, deleted before anybody read it,
    still changed its document: all that changed with it are read."""
    notices: list[Notice] = []
    sweeps: dict[str, Sweep] = {}
    for orphan in orphans:
        if orphan in homes:
            notices += adopted(orphan, homes[orphan])
        else:
            sweeps[orphan.root_kind] = Sweep(shape=orphan.shape, capture=orphan.notice.capture)
    return notices, list(sweeps.values())
