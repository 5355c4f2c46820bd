"""Open sealed values for a reader who has the keys at hand."""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path

import psycopg

from kernel.errors import FatalError, PermanentError, RetryableError
from kernel.values import Sealed
from ops.reach import Place
from ops.render.values import Opened
from runtime.database import open_pool
from runtime.sealing import open_sealer

WITHIN_S = 10.0
CLOSED: Opened = {}


def opened(sealed: Collection[Sealed], place: Place) -> tuple[Opened, str]:
    """What each value holds, and why they stay closed where they do; empty where nothing failed.

    Without a key-encryption key or a keys database at hand they stay closed and nothing is said.
    """
    dsn, kek_file = keys_at_hand(place)
    if not sealed or not dsn or not kek_file:
        return CLOSED, ""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # the reason is told below
    try:
        return asyncio.run(_opened(sealed, dsn, kek_file)), ""
    except (FatalError, PermanentError, RetryableError, TimeoutError, psycopg.Error) as error:
        return (
            CLOSED,
            f"personal values stay closed: {error or 'the keys database does not answer'}",
        )


def keys_at_hand(place: Place) -> tuple[str, Path | None]:
    """DSN of the keys database and the key-encryption key, each empty where there is none."""
    env = place.environment
    named = Path(env["KEK_FILE"]) if env.get("KEK_FILE") else None
    if place.state is None:
        return env.get("KEYS_DSN", ""), named
    local = place.state / "secrets" / "kek"
    kek_file = named or (local if local.exists() else None)
    return str(place.endpoints.get("postgres", {}).get("keys", "")), kek_file


async def _opened(sealed: Collection[Sealed], dsn: str, kek_file: Path) -> Opened:
    async with asyncio.timeout(WITHIN_S), open_pool(dsn, size=1, service="ops") as pool:
        sealer = await open_sealer(pool, kek_file)
        return await sealer.open(sealed)
