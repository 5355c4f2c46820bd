"""Kafka, PostgreSQL, both vendors' stand-ins and ingest, each a process of its own."""

from collections.abc import Iterator

import pytest

from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.integration.ingest.desk import Desk

PARTS = frozenset({"kafka", "postgres", "sandbox", "ingest"})
SETTINGS = {"NETSUITE_POLL_S": "0.3", "INGEST_NETSUITE_REFERENCE_S": "2"}


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("ingest") / "state"
    options = Options(state=state, only=PARTS, seed="demo", extra=SETTINGS)
    with stack_in_thread(options) as running:
        yield running


@pytest.fixture(scope="package")
def shared_desk(stack: Stack) -> Iterator[Desk]:
    desk = Desk(stack)
    yield desk
    desk.close()


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """Without faults, before and after, and with ingest at work."""
    shared_desk.vendors.faults()
    shared_desk.until_ready()
    yield shared_desk
    shared_desk.vendors.faults()
