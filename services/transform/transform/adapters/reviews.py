"""The reviews in PostgreSQL: one a pair, brought up by a decision, settled by a person once."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from kernel.codec import Codec
from kernel.records import RecordRef
from transform.adapters.bodies import body_of
from transform.adapters.queries import Connection
from transform.domain.matching.parties import Evidence, Finding
from transform.domain.reviews import ANSWERS, SETTLING, About, Action, Review, Ruling

COLUMNS = """
    id::text, account, candidate, score, evidence, event_id::text, action, actor, reason,
    operation_id, about
"""
OF_ACCOUNTS = f"SELECT {COLUMNS} FROM transform.reviews WHERE account = ANY(%s) ORDER BY id"
NAMED = f"SELECT {COLUMNS} FROM transform.reviews WHERE id::text = %s"
PUT = """
    INSERT INTO transform.reviews AS held
        (id, account, candidate, score, evidence, event_id, body, about, action, actor, decided_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, CASE WHEN %s = '' THEN NULL ELSE now() END)
    ON CONFLICT (id) DO UPDATE SET score = excluded.score,
        evidence = excluded.evidence, body = excluded.body,
        action = excluded.action, actor = excluded.actor, decided_at = excluded.decided_at
    WHERE held.action = ''
"""
RULE = """
    UPDATE transform.reviews SET action = %s, actor = %s, reason = %s, operation_id = %s,
        decided_at = %s
    WHERE id::text = %s AND NOT action = ANY(%s) AND about = ANY(%s)
"""
MERGED = """
    UPDATE transform.reviews SET action = 'merged', actor = 'NetSuite', decided_at = now()
    WHERE id::text = ANY(%s) AND NOT action = ANY(%s)
"""


async def of_accounts(
    connection: Connection, accounts: Collection[RecordRef]
) -> Mapping[RecordRef, tuple[Review, ...]]:
    rows = await connection.execute(OF_ACCOUNTS, [[str(ref) for ref in accounts]])
    found: dict[RecordRef, tuple[Review, ...]] = {}
    for row in await rows.fetchall():
        review = _review(row)
        found[review.account] = (*found.get(review.account, ()), review)
    return found


async def named(connection: Connection, review_id: str) -> Review | None:
    row = await (await connection.execute(NAMED, [review_id])).fetchone()
    return _review(row) if row else None


async def put(connection: Connection, reviews: Iterable[Review], codec: Codec) -> None:
    rows = [_row(review, codec) for review in reviews]
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(PUT, rows)


async def rule(connection: Connection, ruling: Ruling) -> None:
    """A review that is settled stays as it was settled, and one that asks something else too."""
    said = ruling.operation
    values = [str(ruling.action), said.actor, said.reason, said.id, said.requested_at]
    asking = sorted(about for about, answers in ANSWERS.items() if ruling.action in answers)
    await connection.execute(RULE, [*values, ruling.review, sorted(SETTLING), asking])


async def merged(connection: Connection, review_ids: Collection[str]) -> None:
    """NetSuite has answered by itself."""
    if review_ids:
        await connection.execute(MERGED, [sorted(review_ids), sorted(SETTLING)])


def _row(review: Review, codec: Codec) -> tuple[object, ...]:
    evidence = [[item.field, str(item.finding), item.sentence] for item in review.evidence]
    action, body = str(review.action or ""), body_of(review.account, review.fields, codec)
    return (
        review.id, str(review.account), str(review.candidate), review.score, Jsonb(evidence),
        review.event_id, body, str(review.about), action, review.actor, action,
    )  # fmt: skip


def _review(row: tuple[Any, ...]) -> Review:
    (review_id, account, candidate, score, evidence, event_id, action, actor, reason,
     operation_id, about) = row  # fmt: skip
    return Review(
        id=review_id,
        account=RecordRef.parse(account),
        candidate=RecordRef.parse(candidate),
        score=Decimal(score),
        evidence=tuple(Evidence(name, Finding(found), text) for name, found, text in evidence),
        event_id=event_id,
        about=About(about),
        action=Action(action) if action else None,
        actor=actor,
        reason=reason,
        operation_id=operation_id,
    )
