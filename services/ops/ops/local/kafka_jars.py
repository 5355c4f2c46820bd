"""The broker's jars: fetched by Maven with the user's own settings, checked one by one."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from ops.local.cache import sha256_of
from ops.local.deploy_files import deploy_file
from ops.local.errors import PartFailedError, tail_of
from ops.local.java import Java
from ops.local.process import end_child

FETCH_WITHIN_S = 600.0
REMEDIES = (
    "Do one of these: install Java 17 or newer and Maven (Debian: `apt-get install maven`); "
    "or start the broker of docker-compose.yml (`make .env`, `docker compose up --detach kafka`) "
    "and set KAFKA_BOOTSTRAP=127.0.0.1:9092; "
    "or set KAFKA_BOOTSTRAP to any Kafka 4 that you have"
)


def listed_jars() -> dict[str, str]:
    """Name and SHA-256 of each jar, as committed."""
    lines = deploy_file("kafka-jars.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def jars_at_fault(libs: Path, listed: Mapping[str, str]) -> dict[str, str]:
    """`missing` or `damaged` for each jar that cannot be used."""
    return {
        name: "damaged" if (libs / name).exists() else "missing"
        for name, digest in listed.items()
        if not (libs / name).is_file() or sha256_of(libs / name) != digest
    }


async def checked_jars(
    libs: Path, java: Java, environment: Mapping[str, str], say: Callable[[str], None]
) -> list[Path]:
    """All jars in the committed order; those that are missing or damaged are fetched again."""
    listed = listed_jars()
    faults = await asyncio.to_thread(jars_at_fault, libs, listed)
    if faults:
        damaged = [name for name, fault in faults.items() if fault == "damaged"]
        say(_what_is_fetched(len(faults), damaged))
        for name in damaged:
            (libs / name).unlink()
        await _fetch(libs, java, environment)
        _refuse(libs, await asyncio.to_thread(jars_at_fault, libs, listed))
    return [libs / name for name in listed]


def _what_is_fetched(count: int, damaged: list[str]) -> str:
    why = f"; damaged in the cache: {', '.join(damaged)}" if damaged else ""
    return f"kafka: fetching {count} jars with Maven{why}"


def _refuse(libs: Path, faults: Mapping[str, str]) -> None:
    if faults:
        first, fault = next(iter(faults.items()))
        raise PartFailedError(
            f"Maven brought {first} {fault} to {libs} ({len(faults)} jars at fault): it is not the "
            "file whose SHA-256 is committed in deploy/local/kafka-jars.sha256. Remove it from "
            "the local Maven repository (~/.m2/repository) and start again"
        )


async def _fetch(libs: Path, java: Java, environment: Mapping[str, str]) -> None:
    maven = shutil.which("mvn", path=environment.get("PATH"))
    if maven is None:
        raise PartFailedError(f"Kafka cannot be fetched: `mvn` is not on PATH. {REMEDIES}")
    fetching = await asyncio.create_subprocess_exec(
        maven,
        "--batch-mode",
        "--quiet",
        f"--file={deploy_file('pom.xml')}",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={libs}",
        env={"JAVA_HOME": str(java.home), **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(FETCH_WITHIN_S):
            said, _ = await fetching.communicate()
    finally:
        await end_child(fetching, signal.SIGTERM, patience_s=2.0)
    if fetching.returncode:
        raise PartFailedError(f"Maven could not fetch Kafka. {REMEDIES}. It said:{tail_of(said)}")
