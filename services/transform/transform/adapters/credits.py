"""What refunds take of billed documents, in PostgreSQL: the table `credits`."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from kernel.records import RecordRef
from kernel.values import plain_number
from transform.domain.decisions import Decision
from transform.domain.refunds.credits import Credit, CreditedLine

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
CREDITS = """
    SELECT credits.step, request, billed, gross, applied, payout, lines, part_of, voided,
        coalesce(links.netsuite_id, '')
    FROM transform.credits LEFT JOIN transform.links ON links.source = credits.step
    WHERE billed = ANY(%s) OR request = ANY(%s) ORDER BY number
"""
PUT = """
    INSERT INTO transform.credits (step, request, billed, gross, applied, payout, lines, part_of)
    SELECT %(step)s, %(request)s, %(billed)s, %(gross)s, %(applied)s, %(payout)s, %(lines)s,
        %(part_of)s
    WHERE %(seen)s = (
        SELECT coalesce(sum(gross), 0) FROM transform.credits
        WHERE billed = %(billed)s AND request <> %(request)s AND part_of = '' AND NOT voided
    )
    ON CONFLICT (step) DO UPDATE SET gross = excluded.gross, applied = excluded.applied,
        payout = excluded.payout, lines = excluded.lines
    RETURNING step
"""
FORGET = "DELETE FROM transform.credits WHERE step = ANY(%s)"
VOID = "UPDATE transform.credits SET voided = true WHERE step = ANY(%s)"


async def credits_of(
    connection: Connection, documents: Collection[RecordRef]
) -> tuple[Credit, ...]:
    """Of billed documents and of requests, in the order in which they were decided."""
    if not documents:
        return ()
    cursor = await connection.execute(CREDITS, [[str(ref) for ref in documents]] * 2)
    return tuple([_credit_of(row) for row in await cursor.fetchall()])


async def put_credits(connection: Connection, decisions: Sequence[Decision]) -> frozenset[str]:
    """Ids of the changes that saw another sum of credits than there is now.

    The billed documents must be locked. One after the other, since each counts for the next.
    """
    late: set[str] = set()
    for decision in decisions:
        for credit in decision.credits:
            cursor = await connection.execute(PUT, _row(credit))
            if not await cursor.fetchall():
                late.add(decision.case.change.id)
    return frozenset(late)


async def forget(connection: Connection, steps: Collection[RecordRef]) -> None:
    if steps:
        await connection.execute(FORGET, [[str(step) for step in steps]])


async def void(connection: Connection, steps: Collection[RecordRef]) -> None:
    if steps:
        await connection.execute(VOID, [[str(step) for step in steps]])


def _credit_of(row: tuple[Any, ...]) -> Credit:
    step, request, billed, gross, applied, payout, lines, part_of, voided, netsuite_id = row
    return Credit(
        step=RecordRef.parse(step),
        request=RecordRef.parse(request),
        billed=RecordRef.parse(billed),
        gross=gross,
        applied=applied,
        payout=payout,
        lines=tuple(
            CreditedLine(
                line=line["line"],
                quantity=Decimal(line["quantity"]),
                net=Decimal(line["net"]),
                tax=Decimal(line["tax"]),
            )
            for line in lines
        ),
        part_of=RecordRef.parse(part_of) if part_of else None,
        voided=voided,
        netsuite_id=netsuite_id,
    )


def _row(credit: Credit) -> dict[str, object]:
    lines = [
        {
            "line": line.line,
            "quantity": plain_number(line.quantity),
            "net": plain_number(line.net),
            "tax": plain_number(line.tax),
        }
        for line in credit.lines
    ]
    return {
        "step": str(credit.step),
        "request": str(credit.request),
        "billed": str(credit.billed),
        "gross": credit.gross,
        "applied": credit.applied,
        "payout": credit.payout,
        "lines": Jsonb(lines),
        "part_of": str(credit.part_of) if credit.part_of else "",
        "seen": credit.seen,
    }
