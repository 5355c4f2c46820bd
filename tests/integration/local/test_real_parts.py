"""Kafka and PostgreSQL as children: they start, keep what they hold, and are found again."""

import stat
from pathlib import Path

import psycopg
import pytest

from ops.local.databases import ROLES
from ops.local.endpoints import endpoints_of
from ops.local.errors import UnreachableError
from ops.local.options import Options, callers_environment
from ops.local.stack import Stack, running_stack
from tests.integration.local.parts import (
    PLATFORM,
    bootstrap_of,
    cluster_id,
    read_records,
    rows_of,
    section,
    write_records,
)

pytestmark = pytest.mark.real
RECORDS = 500


async def test_nothing_acknowledged_is_lost_when_parts_are_killed_and_the_stack_starts_again(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    options = Options(state=tmp_path / "state", only=PLATFORM, say=said.append)
    async with running_stack(options) as stack:
        first_endpoints = dict(stack.endpoints)
        write_records(bootstrap_of(stack), "kept", RECORDS)
        stack.kill("kafka")
        rows_of(stack.dsn("sync_owner"), "CREATE TABLE kept AS SELECT 7 AS value")
        stack.kill("postgres")
        await stack.until_ready("postgres")
        await stack.until_ready("kafka")
        assert rows_of(stack.dsn("sync_owner"), "TABLE kept") == [(7,)]
        assert read_records(bootstrap_of(stack), "kept", RECORDS) == list(map(str, range(RECORDS)))
    assert not (tmp_path / "state" / "endpoints.json").exists()
    said.clear()
    async with running_stack(options) as stack:
        assert stack.endpoints == first_endpoints
        assert rows_of(stack.dsn("sync_owner"), "TABLE kept") == [(7,)]
        assert len(read_records(bootstrap_of(stack), "kept", RECORDS)) == RECORDS
    assert not any("fetching" in line for line in said)


async def test_two_stacks_side_by_side_do_not_meet(shared_stack: Stack, tmp_path: Path) -> None:
    spaced = tmp_path / "a state with an é"
    async with running_stack(Options(state=spaced, only=PLATFORM)) as other:
        assert cluster_id(bootstrap_of(other)) != cluster_id(bootstrap_of(shared_stack))
        rows_of(other.dsn("keys_owner"), "CREATE TABLE mine (value int)")
        assert rows_of(shared_stack.dsn("keys_owner"), "SELECT to_regclass('mine')") == [(None,)]
        pids = shared_stack.pid("kafka"), shared_stack.pid("postgres")
    assert pids == (shared_stack.pid("kafka"), shared_stack.pid("postgres"))
    assert rows_of(shared_stack.dsn("sync_service"), "SELECT 1") == [(1,)]


async def test_a_kafka_and_a_postgres_that_run_elsewhere_are_used_and_not_started(
    shared_stack: Stack, tmp_path: Path
) -> None:
    given = {
        "KAFKA_BOOTSTRAP": bootstrap_of(shared_stack),
        **{
            f"TALLYSTICK_{name.upper()}_DSN": dsn
            for name, dsn in section(shared_stack, "postgres").items()
        },
    }
    said: list[str] = []
    options = Options(state=tmp_path / "state", only=PLATFORM, environment=given, say=said.append)
    async with running_stack(options) as stack:
        assert stack.endpoints == shared_stack.endpoints
        assert not (tmp_path / "state" / "kafka").exists()
        assert not (tmp_path / "state" / "postgres").exists()
    assert said[0].endswith(f"runs already  {given['KAFKA_BOOTSTRAP']}")
    assert cluster_id(bootstrap_of(shared_stack))


async def test_a_kafka_that_does_not_answer_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.local.stack.GIVEN_WITHIN_S", 0.5)
    given = {**callers_environment(), "KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    options = Options(state=tmp_path / "state", only=frozenset({"kafka"}), environment=given)
    with pytest.raises(UnreachableError, match=r"no Kafka answers at .*KAFKA_BOOTSTRAP"):
        async with running_stack(options):
            pass


async def test_commands_find_a_stack_that_is_ready_and_are_told_when_there_is_none(
    shared_stack: Stack, tmp_path: Path
) -> None:
    assert endpoints_of(shared_stack.state.directory) == shared_stack.endpoints
    with pytest.raises(UnreachableError, match="`tallystick up`"):
        endpoints_of(tmp_path)


def test_each_role_enters_its_own_database_with_its_own_password_and_no_other(
    shared_stack: Stack,
) -> None:
    for database, (owner, *others) in ROLES.items():
        rows_of(shared_stack.dsn(owner), "CREATE TABLE IF NOT EXISTS t (value int)")
        for role in others:
            dsn = shared_stack.dsn(role)
            assert rows_of(dsn, "SELECT current_user, current_database()") == [(role, database)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rows_of(dsn, "CREATE TABLE public.mine (value int)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rows_of(dsn, "TABLE t")
            elsewhere = "keys" if database != "keys" else "sync"
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                rows_of(dsn.replace(f"/{database}?", f"/{elsewhere}?"), "SELECT 1")


def test_a_service_makes_its_own_schema_where_it_works_and_nobody_does_so_in_the_event_store(
    shared_stack: Stack,
) -> None:
    for role in ("sync_service", "keys_service"):
        rows_of(shared_stack.dsn(role), "CREATE SCHEMA own; CREATE TABLE own.t ()")
    for role in ("audit_writer", "audit_reader"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows_of(shared_stack.dsn(role), "CREATE SCHEMA own")


def test_without_the_file_of_the_password_nobody_enters(shared_stack: Stack) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        rows_of(shared_stack.dsn("audit_owner").partition("?")[0], "SELECT 1")


def test_no_secret_stands_in_the_endpoints_and_only_the_owner_reads_them(
    shared_stack: Stack,
) -> None:
    text = shared_stack.state.endpoints.read_text()
    passwords = [path.read_text().rpartition(":")[2] for path in _passfiles(shared_stack)]
    assert len(passwords) == sum(map(len, ROLES.values()))
    assert not any(password in text for password in passwords)
    assert stat.S_IMODE(shared_stack.state.endpoints.stat().st_mode) == 0o600


def _passfiles(stack: Stack) -> list[Path]:
    return sorted(stack.state.secrets.glob("*.pgpass"))


def test_text_sorts_by_code_point_and_every_script_has_its_capitals(shared_stack: Stack) -> None:
    query = "SELECT upper('éжω'), 'Z' < 'a', 'z' < 'é'"
    assert rows_of(shared_stack.dsn("sync_service"), query) == [("ÉЖΩ", True, True)]
