"""The tables of the event store: made by their owner, checked where no owner is named."""

from importlib import resources

from psycopg import sql

from auditor.adapters import migrations
from kernel.errors import FatalError
from runtime import logs, names
from runtime.database import Pool, migrate, translated

SCHEMA = "audit"
RELATIONS = ("records", "standing", "captured", "damaged")
UNPROTECTED = """
SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relname = 'records' AND NOT EXISTS (
     SELECT 1 FROM pg_trigger AS t
      WHERE t.tgrelid = c.oid AND t.tgname = 'records_only_grow' AND t.tgenabled = 'A')
"""
GRANTS = (
    "GRANT USAGE ON SCHEMA audit TO {writer}, {reader}",
    "GRANT INSERT ON audit.records TO {writer}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA audit TO {reader}",
)


async def prepare(owner: Pool, *, writer: Pool, reader: Pool) -> None:
    """Make what is missing and let the two roles do what they are for, and no more."""
    roles = {
        "writer": sql.Identifier(await _role(writer)),
        "reader": sql.Identifier(await _role(reader)),
    }
    await _tell_if_unprotected(owner)
    grants = [sql.SQL(grant).format(**roles).as_string(None) for grant in GRANTS]
    await migrate(owner, SCHEMA, [*_statements(), *grants])


async def check(reader: Pool) -> None:
    """FatalError where the store is not there, or not for this role."""
    async with translated(), reader.connection() as connection:
        found = await connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = ANY(%s)"
            " AND has_table_privilege(c.oid, 'SELECT')",
            [SCHEMA, list(RELATIONS)],
        )
        present = {name for (name,) in await found.fetchall()}
    if missing := [f"{SCHEMA}.{name}" for name in RELATIONS if name not in present]:
        raise FatalError(
            f"AUDIT_OWNER_DSN is not set, and the role of AUDIT_READER_DSN finds no"
            f" {', '.join(missing)}: start the auditor once with AUDIT_OWNER_DSN, the DSN of a"
            " role that owns the database, so that it makes them"
        )


async def _tell_if_unprotected(owner: Pool) -> None:
    """The migrations switch the protection on again, so this is the last moment to see it."""
    async with translated(), owner.connection() as connection:
        found = await (await connection.execute(UNPROTECTED, [SCHEMA])).fetchone()
    if found:
        logs.warning(
            names.STORE_UNPROTECTED,
            "the event store's protection against changes was off: its rows may have been altered",
        )


def _statements() -> list[str]:
    files = resources.files(migrations).iterdir()
    scripts = sorted(file.name for file in files if file.name.endswith(".sql"))
    return [resources.files(migrations).joinpath(name).read_text() for name in scripts]


async def _role(pool: Pool) -> str:
    async with translated(), pool.connection() as connection:
        found = await (await connection.execute("SELECT current_user")).fetchone()
        assert found is not None
        return str(found[0])
