"""What the tests of the auditor ask of the real parts around it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg

from kernel.messages import Coordinates, Message
from ops.local.stack import Stack
from runtime.process import Context
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory

REPOSITORY = Path(__file__).parents[3]
WITHIN_S = 30.0


def bootstrap_of(stack: Stack) -> str:
    endpoint = stack.endpoints["kafka"]
    assert isinstance(endpoint, dict)
    return str(endpoint["bootstrap"])


async def produce(stack: Stack, ctx: Context, *messages: Message) -> list[Coordinates]:
    """By the producer that the services use."""
    codec = load_codec(schemas_directory())
    log = open_log(bootstrap_of(stack), codec, "test", ctx.telemetry, ctx)
    try:
        return await log.send(messages)
    finally:
        await log.close()


def ask(stack: Stack, path: str, **query: object) -> Any:
    """What the auditor answers; JSON, so its shape is the test's business."""
    services = stack.endpoints["services"]
    assert isinstance(services, dict)
    base = json.loads((stack.state.directory / "health" / "auditor.json").read_text())["health"]
    asked = {name: str(value) for name, value in query.items()}
    answer = httpx.get(f"{base}{path}", params=asked, timeout=WITHIN_S, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def verify(stack: Stack) -> Any:
    return ask(stack, "/verify", wait_s=WITHIN_S)


def rows(dsn: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        cursor = connection.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def tamper(stack: Stack, statement: str, *parameters: object) -> None:
    """What only somebody who owns the table can do, and must first switch its protection off."""
    with psycopg.connect(stack.dsn("audit_owner"), connect_timeout=10) as connection:
        connection.execute("ALTER TABLE audit.records DISABLE TRIGGER records_only_grow")
        connection.execute(statement.encode(), parameters)
        connection.execute("ALTER TABLE audit.records ENABLE ALWAYS TRIGGER records_only_grow")


def tallystick(
    *words: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", *words],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "80", "TZ": "UTC", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def named(ranges: Sequence[dict[str, Any]]) -> list[tuple[str, int, int, int]]:
    return [(r["topic"], r["partition"], r["first"], r["last"]) for r in ranges]
