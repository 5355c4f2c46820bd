"""PostgreSQL as a child process."""

import asyncio
import re
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import psycopg

from ops.local.child import Part, account_of
from ops.local.databases import check_passwords, dsn_of, passwords_of, statements
from ops.local.errors import PartFailedError, UnreachableError, tail_of
from ops.local.postgres_home import Home, give_to, home_for
from ops.local.process import identity_of
from ops.local.state import State, port_of

INITDB = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--username=postgres",
    "--auth=reject",
    "--no-instructions",
    "--no-sync",
)
"""Rows sort by code point, the same on every machine; upper and lower know every script. What is
new reaches the disk with the server's first checkpoint, not before it starts: half the time."""

SERVER = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=64MB")
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
MAKE_WITHIN_S = 60.0
ANSWER_WITHIN_S = 2


async def postgres_part(state: State, environment: Mapping[str, str]) -> Part:
    """Make the data directory when there is none and describe the child process."""
    home = home_for(state)
    port = port_of(state, "postgres")
    if not home.data.exists():
        await _make(home, passwords_of(state))
    check_passwords(state)
    options = (f"port={port}", *SERVER)
    return Part(
        name="postgres",
        command=(
            str(home.programs / "postgres"),
            "-D",
            str(home.data),
            *(word for option in options for word in ("-c", option)),
        ),
        environment=environment,
        is_ready=answers(dsn_of(state, "sync_service")),
        address=f"127.0.0.1:{port}",
        stop_signal=signal.SIGINT,  # a fast shutdown; SIGTERM waits for every client to leave
        user=home.user,
        before_start=_forget_a_dead_server(home.data),
    )


def answers(dsn: str) -> Callable[[int], Awaitable[bool]]:
    """Ask the server itself, by a query."""

    async def is_ready(_: int) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(
                dsn, connect_timeout=ANSWER_WITHIN_S
            ) as connection:
                await connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    return is_ready


async def check_that_it_answers(role: str, dsn: str) -> None:
    """For a PostgreSQL that somebody else runs."""
    try:
        async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=10) as connection:
            await connection.execute("SELECT 1")
    except psycopg.Error as error:
        database = role.partition("_")[0].upper()
        raise UnreachableError(
            f"no PostgreSQL answers {role} as TALLYSTICK_{database}_DSN says: "
            f"{str(error).strip()}. Start it, or correct the DSN, or unset all three to have one "
            "started here"
        ) from None


async def _make(home: Home, passwords: Mapping[str, str]) -> None:
    """A data directory with roles and databases; it gets its name when it is complete."""
    new = home.directory / "new"
    await asyncio.to_thread(_empty, new, home.user)
    await _output_of(home, "initdb", "-D", str(new), *INITDB)
    (new / "pg_hba.conf").write_text(HBA)
    # A server without a network, so no password is ever sent; `-j` ends each by an empty line.
    text = "".join(f"{statement};\n\n" for statement in statements(passwords))
    words = ("--single", "-j", "-D", str(new), "postgres")
    said = await _output_of(home, "postgres", *words, give=text)
    if faults := re.findall(r"^.*(?:ERROR|FATAL|PANIC):.*$", said, re.MULTILINE):
        raise PartFailedError(f"PostgreSQL could not make its roles: {faults[0]}")
    new.rename(home.data)


def _empty(directory: Path, user: str | None) -> None:
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(mode=0o700)
    give_to(user, directory)


async def _output_of(home: Home, program: str, *arguments: str, give: str = "") -> str:
    running = await asyncio.create_subprocess_exec(
        home.programs / program,
        *arguments,
        cwd=home.directory,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        **account_of(home.user),
    )
    async with asyncio.timeout(MAKE_WITHIN_S):
        output, _ = await running.communicate(give.encode())
    if running.returncode:
        raise PartFailedError(f"PostgreSQL's {program} failed and said:{tail_of(output)}")
    return output.decode(errors="replace")


def _forget_a_dead_server(data: Path) -> Callable[[], None]:
    """A server that was killed leaves its pid in a file. When another process has that pid by
    now, the next server would take it for the old one and refuse to start."""

    def forget() -> None:
        path = data / "postmaster.pid"
        if not path.exists():
            return
        lines = path.read_text().split()
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        if identity_of(pid) and not _is_postgres(pid):
            path.unlink()

    return forget


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False
