"""The databases answer, their roles may do what they are for and no more, the keys open."""

import asyncio
import logging
from collections.abc import Iterator

import psycopg

from kernel.errors import FatalError, RetryableError
from ops.checks.finding import Area, Finding
from ops.checks.settings import Databases
from runtime.database import open_pool
from runtime.sealing import open_sealer

AREA, KEYS = Area("PostgreSQL"), Area("keys")
ANSWER_WITHIN_S = 5
STORE = "audit.records"
GUARD = """
SELECT count(*) > 0 FROM pg_trigger
 WHERE tgrelid = 'audit.records'::regclass AND tgname = 'records_only_grow' AND tgenabled = 'A'
"""
CHANGERS = """
SELECT rolname FROM pg_roles
 WHERE NOT rolsuper AND rolname NOT LIKE 'pg\\_%'
   AND oid <> (SELECT relowner FROM pg_class WHERE oid = 'audit.records'::regclass)
   AND has_table_privilege(oid, 'audit.records', 'UPDATE, DELETE, TRUNCATE')
 ORDER BY rolname
"""
RIGHTS = """
SELECT has_table_privilege('audit.records', 'INSERT'),
       has_table_privilege('audit.records', 'SELECT, UPDATE, DELETE, TRUNCATE')
"""


def database_findings(databases: Databases) -> Iterator[Finding]:
    yield from _answers("sync", "SYNC_DSN", databases.sync)
    yield from _store(databases)
    yield from _answers("keys", "KEYS_DSN", databases.keys)


def _answers(name: str, setting: str, dsn: str) -> Iterator[Finding]:
    try:
        with psycopg.connect(dsn, connect_timeout=ANSWER_WITHIN_S) as connection:
            (role,) = connection.execute("SELECT current_user").fetchone() or ("?",)
    except psycopg.Error as error:
        yield _away(name, setting, error)
    else:
        yield AREA.well(f"database {name} answers role {role}")


def _store(databases: Databases) -> Iterator[Finding]:
    try:
        with psycopg.connect(databases.audit_reader, connect_timeout=ANSWER_WITHIN_S) as connection:
            yield from _store_as_reader(connection)
    except psycopg.Error as error:
        yield _away("audit", "AUDIT_READER_DSN", error)
    if databases.audit_writer:
        yield from _writer(databases.audit_writer)


def _store_as_reader(connection: psycopg.Connection) -> Iterator[Finding]:
    yield AREA.well("database audit answers the reader")
    if not _one(connection, f"SELECT to_regclass('{STORE}') IS NOT NULL"):
        yield AREA.wrong(
            f"{STORE} is not there, or the reader does not see it",
            "SRE: start the auditor once with AUDIT_OWNER_DSN; it makes its tables.",
        )
        return
    if _one(connection, GUARD):
        yield AREA.well("the event store refuses changes of its rows")
    else:
        yield AREA.wrong(
            "the event store's protection against changes is switched off",
            "SRE: find out who did it, then start the auditor; it switches it on.",
        )
    changers = [name for (name,) in connection.execute(CHANGERS.encode()).fetchall()]
    if changers:
        yield AREA.wrong(
            f"may change the event store: {', '.join(changers)}",
            f"SRE: REVOKE UPDATE, DELETE, TRUNCATE ON {STORE} FROM each of them.",
        )


def _writer(dsn: str) -> Iterator[Finding]:
    try:
        with psycopg.connect(dsn, connect_timeout=ANSWER_WITHIN_S) as connection:
            may_add, may_more = connection.execute(RIGHTS.encode()).fetchone() or (False, False)
    except psycopg.Error as error:
        yield _away("audit", "AUDIT_DSN", error)
        return
    if may_add and not may_more:
        yield AREA.well("the event store's writer may add rows and nothing else")
    elif may_more:
        yield AREA.wrong(
            "the event store's writer may do more than add rows",
            "SRE: give AUDIT_DSN a role of its own that does not own the table.",
        )
    else:
        yield AREA.wrong(
            "the event store's writer may not add rows",
            "SRE: start the auditor once with AUDIT_OWNER_DSN; it grants what is needed.",
        )


def _one(connection: psycopg.Connection, query: str) -> bool:
    row = connection.execute(query.encode()).fetchone()
    return bool(row and row[0])


def _away(name: str, setting: str, error: psycopg.Error) -> Finding:
    said = str(error).strip().partition("\n")[0]
    return AREA.wrong(
        f"database {name} does not answer: {said}",
        f"SRE: start PostgreSQL, or correct {setting} or its role.",
    )


def key_findings(databases: Databases) -> Iterator[Finding]:
    """Opens the keys database with the key-encryption key, as every service does."""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # the reason is told below
    try:
        asyncio.run(_open(databases))
    except (FatalError, RetryableError, psycopg.Error) as error:
        yield KEYS.wrong(
            str(error) or type(error).__name__,
            "SRE: put the right key-encryption key where KEK_FILE points; do not make a new one.",
        )
    else:
        yield KEYS.well(f"{databases.kek_file} opens the data keys")


async def _open(databases: Databases) -> None:
    async with open_pool(databases.keys, size=1, service="doctor") as pool:
        await open_sealer(pool, databases.kek_file)
