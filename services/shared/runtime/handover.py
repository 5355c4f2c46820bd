"""From which moment the stream of each system begins, where what was before was adopted whole."""

from collections.abc import Mapping
from datetime import datetime

from runtime.database import Pool, translated

SCHEMA = "handover"
STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS watermarks (
        channel text PRIMARY KEY,
        taken_at timestamptz NOT NULL
    )
    """,
)
STORE = """
    INSERT INTO handover.watermarks (channel, taken_at) VALUES (%s, %s)
    ON CONFLICT (channel) DO NOTHING
"""
LOAD = "SELECT taken_at FROM handover.watermarks WHERE channel = %s"


async def store_watermarks(pool: Pool, watermarks: Mapping[str, datetime]) -> None:
    """The first one of a channel stays: from there on the stream has been listened to."""
    async with translated(), pool.connection() as connection, connection.transaction():
        for channel, taken_at in sorted(watermarks.items()):
            await connection.execute(STORE, [channel, taken_at])


async def load_watermark(pool: Pool, channel: str) -> datetime | None:
    async with translated(), pool.connection() as connection:
        row = await (await connection.execute(LOAD, [channel])).fetchone()
    return row[0] if row else None
