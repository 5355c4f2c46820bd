"""A Kafka, a PostgreSQL and an auditor of its own for each file of tests: what one file plants in
the log stays there."""

from collections.abc import Iterator

import pytest

from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread

PARTS = frozenset({"kafka", "postgres", "auditor"})


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("auditor") / "state"
    with stack_in_thread(Options(state=state, only=PARTS, sandbox=False)) as running:
        yield running
