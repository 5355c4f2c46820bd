"""The house rules, as a test. What is not checked here is taste."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy.rooms import OURS, PURE_STDLIB, SERVICES, STDLIB, Room, package_of, room_of

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
CLOCKS_AND_DICE = frozenset("now today utcnow uuid1 uuid4 monotonic perf_counter random".split())
ENVIRONMENT = frozenset("environ environb getenv".split())
FILES = sorted(path for path in SERVICES.rglob("*.py") if "_pb2" not in path.name)


def names_imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def words(tree: ast.AST) -> Iterator[str]:
    """Every attribute and imported name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def faults_of_size(text: str, tree: ast.AST) -> Iterator[str]:
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        yield f"{lines} lines: at most {FILE_LINES_MAX}; split it where there are two ideas"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{node.name} is {length} lines: at most {FUNCTION_LINES_MAX}; name its parts"
        if isinstance(node, ast.Global):
            yield f"line {node.lineno}: no globals; pass it in from __main__"


def faults_of_imports(package: str, room: Room, names: list[str]) -> Iterator[str]:
    for name in names:
        root = name.partition(".")[0]
        if name.startswith("."):
            yield f"import {name}: import by full name"
        elif root in OURS:
            if root != package and root not in room.ours:
                yield f"import {name}: {room.name} may not import {root}"
            if ".adapters" in name and not room.adapters:
                yield f"import {name}: only __main__ joins adapters; take a port instead"
        elif root in STDLIB:
            if room.pure and root not in PURE_STDLIB | room.extra_stdlib:
                yield f"import {name}: the core does no I/O; ask for a value"
        elif room.libraries is not None and root not in room.libraries:
            yield f"import {name}: {room.name} may not import this library; put it in an adapter"


def faults_of_reach(room: Room, tree: ast.AST) -> Iterator[str]:
    if not room.environment and ENVIRONMENT & set(words(tree)):
        yield "environ: only settings.py reads the environment"
    for node in ast.walk(tree) if room.pure else ():
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS_AND_DICE:
            yield f"line {node.lineno}: .{node.attr}: time and chance come in as arguments"
        if isinstance(node, ast.AsyncFunctionDef) and not room.asynchronous:
            yield f"line {node.lineno}: no async in the core"
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print"}
        ):
            yield f"line {node.lineno}: {node.func.id}(): the core does no I/O"


def faults_of_waiting(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if (node.value.id, node.attr) == ("asyncio", "wait_for"):
            yield (
                f"line {node.lineno}: asyncio.wait_for: before Python 3.12 it can swallow a"
                " cancellation; use `async with asyncio.timeout(...)`"
            )


def faults(path: Path, text: str) -> list[str]:
    """Every house rule that this file breaks, as a sentence with the way out."""
    tree = ast.parse(text)
    room = room_of(path)
    return [
        *faults_of_size(text, tree),
        *faults_of_imports(package_of(path), room, list(names_imported(tree))),
        *faults_of_reach(room, tree),
        *faults_of_waiting(tree),
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_house_rules_hold(path: Path) -> None:
    assert faults(path, path.read_text()) == []


PLANTED = {
    "I/O in the core": ("transform/transform/domain/planted.py", "import socket\n"),
    "a clock in the core": (
        "transform/transform/domain/planted.py",
        "from datetime import datetime\nx = datetime.now()\n",
    ),
    "dice in the core": ("shared/kernel/planted.py", "import uuid\nx = uuid.uuid4()\n"),
    "async in a decision": ("ingest/ingest/domain/planted.py", "async def f() -> None: ...\n"),
    "async in the kernel": ("shared/kernel/planted.py", "async def f() -> None: ...\n"),
    "a cross-service import": ("ingest/ingest/app.py", "import transform.pipeline\n"),
    "business in the runtime": ("shared/runtime/planted.py", "import transform\n"),
    "a library in the app": ("ingest/ingest/app.py", "import httpx\n"),
    "an adapter outside __main__": (
        "ingest/ingest/app.py",
        "import ingest.adapters.cursor_store\n",
    ),
    "the environment outside settings": ("ingest/ingest/app.py", "import os\nx = os.environ\n"),
    "our code in the sandbox": ("sandbox/sandbox/planted.py", "import kernel\n"),
    "a service in ops": ("ops/ops/planted.py", "import auditor\n"),
    "a wait that can swallow": ("ingest/ingest/app.py", "x = asyncio.wait_for\n"),
    "a relative import": ("ingest/ingest/app.py", "from . import domain\n"),
    "a long function": ("ops/ops/planted.py", "def f() -> None:\n" + "    x = 1\n" * 60),
    "a long file": ("ops/ops/planted.py", "x = 1\n" * 401),
    "a global": ("ops/ops/planted.py", "def f() -> None:\n    global x\n    x = 1\n"),
    "printing in the core": ("transform/transform/pipeline.py", "print(1)\n"),
}


@pytest.mark.parametrize(("where", "text"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_caught(where: str, text: str) -> None:
    assert len(faults(SERVICES / where, text)) == 1
