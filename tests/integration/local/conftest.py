"""One Kafka and one PostgreSQL for the tests that only look at them."""

from collections.abc import Iterator

import pytest

from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.integration.local.parts import PLATFORM


@pytest.fixture(scope="package")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("shared") / "state"
    with stack_in_thread(Options(state=state, only=PLATFORM)) as stack:
        yield stack
