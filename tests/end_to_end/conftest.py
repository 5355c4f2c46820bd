"""One world for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.world import World, running_world


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[World]:
    """With the settings that the module names in SETTINGS, if it does."""
    extra = getattr(request.module, "SETTINGS", {})
    with running_world(tmp_path_factory.mktemp("world") / "state", extra=extra) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    has_world = "world" in request.fixturenames
    running: World | None = request.getfixturevalue("world") if has_world else None
    yield
    if running:
        running.faults()
