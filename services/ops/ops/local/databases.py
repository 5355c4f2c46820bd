"""The three databases: their roles, how to reach them, and the passwords in files."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from ops.local.errors import PartFailedError, WrongUsageError
from ops.local.state import State, port_of, write_whole

ROLES = {
    "sync": ("sync_owner", "sync_service"),
    "audit": ("audit_owner", "audit_writer", "audit_reader"),
    "keys": ("keys_owner", "keys_service"),
}
"""Database → its roles, the owner first."""

MAKES_SCHEMAS = frozenset({"sync_service", "keys_service"})
"""Services make their own schema in these; in `audit` nobody but the owner makes anything, and
what the others may do there is for the owner's migrations to grant."""

READERS = {"sync": "sync_service", "audit": "audit_reader", "keys": "keys_service"}
"""Database → the role under which people and commands look into it."""


def dsn_of(state: State, role: str) -> str:
    """Without the password: libpq reads it from a file that only the owner can read."""
    database = role.partition("_")[0]
    port = port_of(state, "postgres")
    passfile = quote(str(_passfile(state, role)), safe="")
    return f"postgresql://{role}@127.0.0.1:{port}/{database}?passfile={passfile}"


def dsns_of(state: State) -> dict[str, str]:
    """Role → DSN of the server of this state."""
    return {role: dsn_of(state, role) for roles in ROLES.values() for role in roles}


def readers_of(dsns: Mapping[str, str]) -> dict[str, str]:
    """Database → the DSN for whoever looks into it."""
    return {database: dsns[role] for database, role in READERS.items()}


def given_dsns(environment: Mapping[str, str]) -> dict[str, str]:
    """Role → DSN when TALLYSTICK_SYNC_DSN, _AUDIT_DSN and _KEYS_DSN name servers that run.

    One role alone can be named too, as in TALLYSTICK_AUDIT_OWNER_DSN. Empty when none is named.
    """
    names = {database: f"TALLYSTICK_{database.upper()}_DSN" for database in ROLES}
    missing = [name for name in names.values() if not environment.get(name)]
    if len(missing) == len(names):
        return {}
    if missing:
        raise WrongUsageError(
            f"{', '.join(missing)} not set: name all three databases, or none of them "
            "to have a PostgreSQL started here"
        )
    return {
        role: environment.get(f"TALLYSTICK_{role.upper()}_DSN") or environment[names[database]]
        for database, roles in ROLES.items()
        for role in roles
    }


def statements(passwords: Mapping[str, str]) -> list[str]:
    """What makes the roles and databases; deploy/local/roles.sql is the same for containers."""
    lines = [f"CREATE ROLE {role} LOGIN PASSWORD '{word}'" for role, word in passwords.items()]
    for database, (owner, *others) in ROLES.items():
        lines += [
            f"CREATE DATABASE {database} OWNER {owner}",
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {', '.join(others)}",
            *(f"GRANT CREATE ON DATABASE {database} TO {r}" for r in MAKES_SCHEMAS & {*others}),
        ]
    return lines


def _passfile(state: State, role: str) -> Path:
    return state.secrets / f"{role}.pgpass"


def check_passwords(state: State) -> None:
    lost = [role for role in dsns_of(state) if not _passfile(state, role).exists()]
    if lost:
        raise PartFailedError(
            f"the passwords of {', '.join(lost)} are gone from {state.secrets}: nobody can open "
            "this PostgreSQL any more. Put the files back, or start again with --fresh"
        )


def passwords_of(state: State) -> dict[str, str]:
    """Role → password, made once and kept in the form in which libpq reads it."""
    return {role: _password(_passfile(state, role)) for roles in ROLES.values() for role in roles}


def _password(passfile: Path) -> str:
    if not passfile.exists():
        write_whole(passfile, f"*:*:*:*:{secrets.token_urlsafe(24)}", mode=0o600)
    return passfile.read_text().rpartition(":")[2]
