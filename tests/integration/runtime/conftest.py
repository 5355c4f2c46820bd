"""Parts of these tests' own, which they stop and kill."""

from collections.abc import Iterator

import pytest

from ops.local.options import Options, callers_environment
from ops.local.stack import Stack, stack_in_thread

ELSEWHERE = ("KAFKA_BOOTSTRAP", "TALLYSTICK_")


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka and PostgreSQL that nobody else uses; a part that is killed is started again."""
    own = {
        name: value
        for name, value in callers_environment().items()
        if not name.startswith(ELSEWHERE)
    }
    options = Options(
        state=tmp_path_factory.mktemp("breakable") / "state",
        only=frozenset({"kafka", "postgres"}),
        environment=own,
    )
    with stack_in_thread(options) as stack:
        yield stack


@pytest.fixture
def breakable_kafka(breakable: Stack) -> str:
    endpoint = breakable.endpoints["kafka"]
    assert isinstance(endpoint, dict)
    return str(endpoint["bootstrap"])
