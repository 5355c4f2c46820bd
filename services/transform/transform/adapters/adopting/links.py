"""The links of transform, taken for pairs that stood before it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kernel.records import salesforce
from runtime.database import Pool, translated
from runtime.handover import store_watermarks
from transform.domain.adopting.records import ACCOUNT
from transform.domain.likeness import CUSTOMER

TAKE = """
    INSERT INTO transform.links (source, kind, external_id, netsuite_id)
    SELECT source, %s, '', id FROM unnest(%s::text[], %s::text[]) AS pairs(source, id)
    ON CONFLICT DO NOTHING
"""
STANDING = """
    SELECT source, netsuite_id FROM transform.links WHERE kind = %s AND source = ANY(%s)
"""
ADOPTED = """
    INSERT INTO transform.reference_data (kind, id, key, fields)
    VALUES ('adoption', '1', 'watermark', jsonb_build_object('at', %s::text))
    ON CONFLICT (kind, id) DO NOTHING
"""


class PostgresLinks:
    """The database refuses a second link of either side."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def take(self, pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
        sources = {str(salesforce(ACCOUNT, account)): customer for account, customer in pairs}
        async with translated(), self._pool.connection() as connection:
            columns = [CUSTOMER, list(sources), list(sources.values())]
            await connection.execute(TAKE, columns)
            found = await connection.execute(STANDING, [CUSTOMER, list(sources)])
            standing: dict[str, str] = dict(await found.fetchall())
        return frozenset(
            account
            for account, customer in pairs
            if standing.get(str(salesforce(ACCOUNT, account))) != customer
        )

    async def hand_over(self, watermarks: Mapping[str, datetime]) -> None:
        await store_watermarks(self._pool, watermarks)
        first = min(watermarks.values())
        async with translated(), self._pool.connection() as connection:
            await connection.execute(ADOPTED, [first.isoformat()])
