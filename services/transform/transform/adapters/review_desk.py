"""The reviews over HTTP, for whoever has to decide them: values sealed as they are kept."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from psycopg.rows import dict_row

from kernel.codec import Codec
from runtime.answering import answering
from runtime.database import Pool, translated
from runtime.health import Health
from runtime.plain_json import Json, JsonObject, fields_to_json, instant_to_json
from transform.adapters.bodies import fields_of

LISTED_MAX = 500
PREFIX_MIN = 4
COLUMNS = """
    r.id::text, r.account, r.candidate, r.score, r.evidence, r.action, r.actor, r.reason,
    r.operation_id, r.opened_at, r.decided_at, r.about, r.body, COALESCE(p.body, b.body) AS other,
    holder.source AS holder,
    (SELECT count(*) FROM transform.changes c
     WHERE c.state = 'parked' AND c.waits_on = CASE r.about WHEN 'merge'
         THEN 'netsuite:mergeReview:' || r.id ELSE r.account END) AS waiting
"""
TABLES = """
    FROM transform.reviews r
    LEFT JOIN transform.parties p ON p.ref = r.candidate
    LEFT JOIN transform.bodies b ON b.ref = r.candidate
    LEFT JOIN transform.links holder ON holder.kind = 'customer' AND holder.netsuite_id <> ''
        AND 'netsuite:customer:' || holder.netsuite_id = r.candidate
"""
LIST = f"""
    SELECT {COLUMNS} {TABLES} WHERE %s OR r.action IN ('', 'merge')
    ORDER BY r.opened_at, r.id LIMIT {LISTED_MAX}
"""
SHOW = f"SELECT {COLUMNS} {TABLES} WHERE starts_with(r.id::text, %s) ORDER BY r.id LIMIT 5"
OPEN = "SELECT count(*) AS open FROM transform.reviews WHERE action IN ('', 'merge')"


def serve(health: Health, pool: Pool, codec: Codec) -> None:
    async def listed(request: web.Request) -> JsonObject:
        rows = await _rows(pool, LIST, [request.query.get("all") == "1"])
        [count] = await _rows(pool, OPEN, [])
        return {"open": count["open"], "reviews": [_plain(row, codec) for row in rows]}

    async def shown(request: web.Request) -> JsonObject:
        named = unquote(request.path.rpartition("/")[2]).lower()
        if len(named) < PREFIX_MIN:
            raise ValueError(f"'{named}' is too short: give the first {PREFIX_MIN} or more")
        return {"reviews": [_plain(row, codec) for row in await _rows(pool, SHOW, [named])]}

    health.add_get("/reviews", answering(listed))
    health.add_get("/reviews/", answering(shown))


async def _rows(pool: Pool, statement: str, values: list[object]) -> list[dict[str, Any]]:
    async with (
        translated(),
        pool.connection() as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        return await (await cursor.execute(statement.encode(), values)).fetchall()


def _plain(row: Mapping[str, Any], codec: Codec) -> JsonObject:
    evidence: list[Json] = [
        {"field": name, "finding": finding, "sentence": sentence}
        for name, finding, sentence in row["evidence"]
    ]
    texts = ["id", "account", "candidate", "about", "action", "actor", "reason", "operation_id"]
    texts.append("holder")
    return {
        **{name: row[name] for name in texts},
        "score": str(row["score"]),
        "evidence": evidence,
        "waiting": row["waiting"],
        "opened_at": instant_to_json(row["opened_at"]),
        "decided_at": instant_to_json(row["decided_at"]),
        "account_fields": fields_to_json(fields_of(row["body"], codec)),
        "candidate_fields": fields_to_json(fields_of(row["other"], codec)),
    }
