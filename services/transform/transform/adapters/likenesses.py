"""Recognises records: opens them, finds by keyed digests who shares something with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.codec import Codec
from kernel.records import RecordRef, System, netsuite
from kernel.values import Document, Fields
from runtime.blind_index import BlindIndex
from runtime.database import Pool, translated
from runtime.sealing import Sealer, without_erased
from transform.adapters import reviews
from transform.adapters.bodies import fields_of
from transform.adapters.queries import Connection
from transform.domain.likeness import (
    CANDIDATES_MAX,
    CUSTOMER,
    WHOLE,
    Candidate,
    Likeness,
    Question,
    party_of,
)
from transform.domain.matching.blocking import blocking_keys
from transform.domain.matching.parties import Party
from transform.ports import Known

NEAR = """
    SELECT ref, max(max(taken)) OVER () FROM transform.party_keys
    WHERE key = ANY(%s) AND ref <> %s GROUP BY ref ORDER BY count(*) DESC, ref LIMIT %s
"""
CANDIDATES = """
    SELECT near.ref, COALESCE(p.body, b.body), holder.source, own.netsuite_id
    FROM unnest(%(refs)s::text[]) WITH ORDINALITY AS near (ref, place)
    LEFT JOIN transform.parties p ON p.ref = near.ref
    LEFT JOIN transform.bodies b ON b.ref = near.ref
    LEFT JOIN transform.links holder ON holder.kind = 'customer' AND holder.netsuite_id <> ''
        AND near.ref LIKE 'netsuite:customer:%%' AND holder.netsuite_id = substr(near.ref, 19)
    LEFT JOIN transform.links own ON own.source = near.ref
    ORDER BY place
"""
MARKED = "\x1faccount "
"""Begins the key under which a customer is found that bears the id of its account."""

IS_WHOLE = """
    SELECT EXISTS (SELECT 1 FROM transform.reference_data WHERE kind = %s AND key = %s
        AND (fields ->> 'count')::bigint <= (SELECT count(*) FROM transform.parties
            WHERE number <= (fields ->> 'last')::bigint))
"""


@dataclass(slots=True)
class _Found:
    """One who is like the party asked about, still sealed."""

    ref: RecordRef
    fields: Fields
    holder: str | None
    customer_id: str | None
    opened: Fields = field(default_factory=dict, repr=False)


class PostgresLikenesses:
    """Once all customers are known they stay known: that is asked no more."""

    def __init__(self, pool: Pool, sealer: Sealer, blind: BlindIndex, codec: Codec) -> None:
        self._pool, self._sealer, self._blind, self._codec = pool, sealer, blind, codec
        self._is_whole = False

    async def of(self, questions: Sequence[Question]) -> Known:
        opened = {item.ref: await self._open(item.fields) for item in questions}
        parties = {ref: party_of(ref, fields) for ref, fields in opened.items()}
        async with translated(), self._pool.connection() as connection:
            found = {
                item.ref: await self._likeness(connection, item, parties[item.ref])
                for item in questions
                if _can_be_recognised(parties[item.ref])
            }
            known = await reviews.of_accounts(connection, [item.ref for item in questions])
            self._is_whole = self._is_whole or await _is_whole(connection)
        return Known(likenesses=found, reviews=known, all_customers=self._is_whole)

    async def _likeness(self, connection: Connection, question: Question, party: Party) -> Likeness:
        texts = {*blocking_keys(party), *_marks(question)}
        keys = frozenset(self._blind.digest(text) for text in texts)
        if not question.compares:
            return Likeness(party=party, keys=keys)
        values = [sorted(keys), str(question.ref), CANDIDATES_MAX]
        near = await (await connection.execute(NEAR, values)).fetchall()
        candidates = await self._candidates(connection, [ref for ref, _ in near])
        horizon = near[0][1] if near else 0
        return Likeness(party=party, keys=keys, candidates=candidates, horizon=horizon)

    async def _candidates(
        self, connection: Connection, refs: Sequence[str]
    ) -> tuple[Candidate, ...]:
        if not refs:
            return ()
        rows = await (await connection.execute(CANDIDATES, {"refs": list(refs)})).fetchall()
        found = [
            _Found(RecordRef.parse(ref), fields_of(body, self._codec), holder, customer_id)
            for ref, body, holder, customer_id in rows
            if body is not None
        ]
        for item in found:
            item.opened = await self._open(item.fields)
        return tuple(_candidate(item) for item in found)

    async def _open(self, fields: Fields) -> Fields:
        sealed = Document(fields)
        return without_erased(sealed, await self._sealer.open_document(sealed)).fields


def _candidate(found: _Found) -> Candidate:
    is_customer = found.ref.system is System.NETSUITE
    customer = found.ref if is_customer else None
    if found.customer_id:
        customer = netsuite(CUSTOMER, found.customer_id)
    return Candidate(
        party=party_of(found.ref, found.opened),
        fields=found.fields,
        holder=RecordRef.parse(found.holder) if found.holder else None,
        customer=customer,
    )


def _marks(question: Question) -> frozenset[str]:
    """By what a customer that stood there before is found again, whatever it is called."""
    is_account = question.ref.system is System.SALESFORCE
    mark = question.ref.id if is_account else question.fields.get("custentity_sf_account_id")
    return frozenset({f"{MARKED}{mark}"}) if mark else frozenset()


def _can_be_recognised(party: Party) -> bool:
    """Nothing is left of an erased subject but what nobody may compare."""
    return bool(party.name)


async def _is_whole(connection: Connection) -> bool:
    row = await (await connection.execute(IS_WHOLE, [WHOLE.kind, WHOLE.id])).fetchone()
    return bool(row and row[0])
