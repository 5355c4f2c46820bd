"""A cache that was damaged is named and mended."""

import asyncio
import shutil
from pathlib import Path

import pytest

from ops.local.cache import cache_directory, is_whole
from ops.local.child import Part
from ops.local.java import find_java
from ops.local.kafka import kafka_part
from ops.local.kafka_home import EXIT_ON_SIGTERM, VERSION
from ops.local.kafka_jars import checked_jars
from ops.local.options import callers_environment
from ops.local.stack import Stack
from ops.local.state import held_state, lay_out

pytestmark = pytest.mark.real


@pytest.fixture
def cache(shared_stack: Stack, tmp_path: Path) -> Path:
    """A copy of the filled cache, to be damaged."""
    filled = cache_directory(callers_environment()) / f"kafka-{VERSION}"
    copy = tmp_path / "cache" / filled.name
    shutil.copytree(filled / "libs", copy / "libs")
    for path in filled.glob("bootstrap.checkpoint*"):
        shutil.copy(path, copy)
    return copy


async def test_a_damaged_and_a_missing_jar_are_named_and_fetched_again(cache: Path) -> None:
    environment = callers_environment()
    java = await find_java(environment)
    assert java is not None
    damaged, missing = cache / "libs" / "re2j-1.8.jar", cache / "libs" / "jspecify-1.0.0.jar"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    missing.unlink()
    said: list[str] = []
    jars = await checked_jars(cache / "libs", java, environment, said.append)
    assert said == ["kafka: fetching 2 jars with Maven; damaged in the cache: re2j-1.8.jar"]
    assert {damaged, missing} < set(jars)
    assert await checked_jars(cache / "libs", java, environment, said.append) == jars
    assert len(said) == 1


def broker_of(cache: Path, state: Path) -> Part:
    """As the next start would start it."""
    environment = {**callers_environment(), "TALLYSTICK_CACHE": str(cache.parent)}
    with held_state(state) as held:
        lay_out(held, fresh=False)
        return asyncio.run(kafka_part(held, environment, print))


def archive_used_by(broker: Part) -> Path | None:
    """None when the broker shall write a new one at its end."""
    used = [word for word in broker.command if word.startswith("-XX:SharedArchiveFile=")]
    made = [word for word in broker.command if word.startswith("-XX:ArchiveClassesAtExit=")]
    assert len(used) + len(made) == 1
    return Path(used[0].partition("=")[2]) if used else None


def test_an_archive_of_classes_that_was_damaged_is_made_anew(cache: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    first = broker_of(cache, state)
    assert archive_used_by(first) is None
    (state / "kafka" / "classes.jsa").write_text("classes")
    first.after_end(EXIT_ON_SIGTERM)
    archive = archive_used_by(broker_of(cache, state))
    assert archive is not None
    archive.write_text("clusses")
    assert archive_used_by(broker_of(cache, state)) is None
    assert not archive.exists()


def test_an_archive_of_a_broker_that_was_killed_is_thrown_away(cache: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    broker = broker_of(cache, state)
    (state / "kafka" / "classes.jsa").write_text("half of the cla")
    broker.after_end(-9)
    assert not (state / "kafka" / "classes.jsa").exists()
    assert archive_used_by(broker_of(cache, state)) is None


def test_damaged_first_metadata_are_written_anew(cache: Path, tmp_path: Path) -> None:
    first = cache / "bootstrap.checkpoint"
    first.write_bytes(first.read_bytes()[:-1])
    assert not is_whole(first)
    broker_of(cache, tmp_path / "state")
    assert is_whole(first)
