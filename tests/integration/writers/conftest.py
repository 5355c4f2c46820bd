"""Kafka, PostgreSQL, both vendors' stand-ins and both writers, each a process of its own."""

import itertools
from collections.abc import Iterator

import pytest

from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.integration.writers.desk import Desk

SETTLE_S, TIMEOUT_S = 2.0, 1.0
PARTS = frozenset({"kafka", "postgres", "sandbox", "netsuite-writer", "salesforce-writer"})
SETTINGS = {
    f"{writer}_WRITER_{name}": str(value)
    for writer in ("NETSUITE", "SALESFORCE")
    for name, value in (("SETTLE_S", SETTLE_S), ("TIMEOUT_S", TIMEOUT_S), ("FAILURES_MAX", 3))
}
NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("writers") / "state"
    options = Options(state=state, only=PARTS, seed="empty", extra=SETTINGS)
    with stack_in_thread(options) as running:
        yield running


@pytest.fixture(scope="package")
def shared_desk(stack: Stack) -> Desk:
    return Desk(stack)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """Without faults, before and after."""
    shared_desk.vendors.faults()
    yield shared_desk
    shared_desk.vendors.faults()


@pytest.fixture
def number() -> int:
    """Of records that no other test writes."""
    return next(NUMBERS) * 1000
