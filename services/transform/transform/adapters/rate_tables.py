"""Rates by day, spans of rates that changes wait on, the rates documents were booked at."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import psycopg

from kernel.rates import Pair
from kernel.records import TRANSACTION_KINDS, RecordRef, System
from transform.domain.facts import RateDay, RateUse, Reference
from transform.domain.money_rules.rates import CURRENCY_RATE
from transform.domain.newer import MARK

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

USES_MAX = 1_000
RATES = """
    SELECT DISTINCT ON (asked.currency, asked.day, split_part(held.key, '@', 1))
        held.kind, held.id, held.key, held.fields
    FROM unnest(%s::text[], %s::text[]) AS asked (currency, day)
    JOIN transform.reference_data AS held
        ON held.kind = 'currencyRate'
        AND held.key COLLATE "C" BETWEEN asked.currency || '/' AND asked.currency || '/~'
        AND split_part(held.key, '@', 2) <= asked.day
    ORDER BY asked.currency, asked.day, split_part(held.key, '@', 1), held.key COLLATE "C" DESC,
        length(held.id) DESC, held.id DESC
"""
"""Of several rates of one day the one entered last counts, as in NetSuite."""
SPANS = """
    SELECT DISTINCT waits_on FROM transform.changes
    WHERE state = 'parked' AND waits_on LIKE ANY(%s)
"""
USES = f"""
    SELECT held.ref, held.pair, held.day, held.rate
    FROM transform.rate_uses AS held
    JOIN unnest(%s::text[], %s::date[]) AS asked (pair, day)
        ON held.pair = asked.pair AND held.day >= asked.day
    ORDER BY held.day, held.ref LIMIT {USES_MAX}
"""
USE = """
    INSERT INTO transform.rate_uses (ref, pair, day, rate) VALUES (%s, %s, %s, %s)
    ON CONFLICT (ref) DO UPDATE SET pair = excluded.pair, day = excluded.day, rate = excluded.rate
"""


async def rates_by(
    connection: Connection, asked: Collection[RateDay]
) -> dict[tuple[str, str], Reference]:
    """For each the newest rate by its day, one for each base currency."""
    if not asked:
        return {}
    days = sorted(asked)
    columns = [[item.currency for item in days], [item.day.isoformat() for item in days]]
    cursor = await connection.execute(RATES, columns)
    return {
        (kind, key): Reference(kind=kind, id=id_, key=key, fields=fields)
        for kind, id_, key, fields in await cursor.fetchall()
    }


async def uses_of(
    connection: Connection, asked: Collection[tuple[Pair, date]]
) -> tuple[RateUse, ...]:
    """Documents of each pair from each day on, oldest first; no more than `USES_MAX`."""
    if not asked:
        return ()
    columns = [[str(pair) for pair, _ in asked], [day for _, day in asked]]
    cursor = await connection.execute(USES, columns)
    return tuple(
        RateUse(ref=RecordRef.parse(ref), pair=Pair(*pair.split("/")), day=day, rate=rate)
        for ref, pair, day, rate in await cursor.fetchall()
    )


async def put_uses(connection: Connection, uses: Iterable[RateUse]) -> None:
    rows = [(str(use.ref), str(use.pair), use.day, use.rate) for use in uses]
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(USE, rows)


async def with_spans(connection: Connection, refs: Collection[RecordRef]) -> frozenset[RecordRef]:
    """The refs, beside every rate among them the spans of its pair that changes wait on, and
    beside every transaction its next reading."""
    names = {f"{scope_of(ref)}@%" for ref in refs if _is_rate(ref)}
    names |= {f"{ref}{MARK}%" for ref in refs if ref.kind in TRANSACTION_KINDS}
    if not names:
        return frozenset(refs)
    cursor = await connection.execute(SPANS, [sorted(names)])
    spans = (RecordRef.parse(row[0]) for row in await cursor.fetchall())
    return frozenset(refs) | frozenset(spans)


def scope_of(ref: RecordRef) -> str:
    """What to hold still while the ref is looked at: a span of rates and the rate inside it have
    names of their own, and both belong to the pair; the next reading belongs to its document."""
    return str(ref).partition("@" if _is_rate(ref) else MARK)[0]


def _is_rate(ref: RecordRef) -> bool:
    return ref.system is System.NETSUITE and ref.kind == CURRENCY_RATE
