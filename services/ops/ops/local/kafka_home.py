"""What the cache holds for a broker: jars, first metadata, an archive of its loaded classes."""

import asyncio
import base64
import hashlib
import os
import shutil
import string
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.local.cache import cache_directory, discard, is_whole, only_one, seal
from ops.local.deploy_files import deploy_file
from ops.local.errors import PartFailedError, tail_of
from ops.local.java import Java, find_java
from ops.local.kafka_jars import REMEDIES, checked_jars

VERSION = "4.3.1"
JVM_FLAGS = (
    "-Xms256m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Xlog:cds=off",
    "-Xlog:cds+dynamic=off",
    "-Djava.awt.headless=true",
)
"""For a quick start on a small machine. TALLYSTICK_KAFKA_OPTS comes after these and wins."""

FORMAT_WITHIN_S = 60.0
EXIT_ON_SIGTERM = 143


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaHome:
    """For one Java. `classes` halves a broker's start-up time; it is there after the first end."""

    java: Java
    class_path: str
    first_metadata: Path
    classes: Path


async def prepared_home(environment: Mapping[str, str], say: Callable[[str], None]) -> KafkaHome:
    java = await find_java(environment)
    if java is None:
        raise PartFailedError(f"Kafka needs Java 17 or newer and finds none. {REMEDIES}")
    directory = cache_directory(environment) / f"kafka-{VERSION}"
    directory.mkdir(exist_ok=True)
    async with only_one(directory / "lock"):
        jars = await checked_jars(directory / "libs", java, environment, say)
        class_path = os.pathsep.join(map(str, jars))
        first_metadata = directory / "bootstrap.checkpoint"
        if not await asyncio.to_thread(is_whole, first_metadata):
            await _format(java, class_path, first_metadata)
    changed = ",".join(str(jar.stat().st_mtime_ns) for jar in jars)
    key = hashlib.sha256(f"{java.version}{class_path}{changed}".encode()).hexdigest()[:16]
    return KafkaHome(
        java=java,
        class_path=class_path,
        first_metadata=first_metadata,
        classes=directory / f"classes-{key}.jsa",
    )


async def _format(java: Java, class_path: str, first_metadata: Path) -> None:
    """Have the broker's own tool write the first metadata records of a new cluster.

    They hold no id and no address, so one copy serves every cluster of this version.
    """
    with tempfile.TemporaryDirectory(dir=first_metadata.parent) as scratch:
        properties = Path(scratch) / "server.properties"
        properties.write_text(server_properties(port=1, controller_port=2))
        tool = ("kafka.tools.StorageTool", "format", "--cluster-id", new_uuid())
        formatting = await asyncio.create_subprocess_exec(
            *(java.program, *JVM_FLAGS, "-cp", class_path, *tool, "--config", properties),
            cwd=scratch,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(FORMAT_WITHIN_S):
            said, _ = await formatting.communicate()
        if formatting.returncode:
            raise PartFailedError(f"Kafka's storage tool failed and said:{tail_of(said)}")
        (Path(scratch) / "data" / first_metadata.name).replace(first_metadata)
    seal(first_metadata)


def keep_classes(written: Path, kept: Path) -> Callable[[int], None]:
    """After an orderly end, take the archive into the cache in place of any older one."""

    def keep(exit_code: int) -> None:
        if exit_code != EXIT_ON_SIGTERM or not written.exists():
            written.unlink(missing_ok=True)
            return
        for old in kept.parent.glob("classes-*.jsa"):
            discard(old)
        new = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(written, new)
        new.replace(kept)
        seal(kept)
        written.unlink()

    return keep


def server_properties(*, port: int, controller_port: int) -> str:
    template = string.Template(deploy_file("server.properties").read_text())
    return template.substitute(port=port, controller_port=controller_port, data="data")


def new_uuid() -> str:
    """Kafka's form of an id: 16 bytes as 22 characters, never one that looks like an option."""
    while (text := base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")).startswith("-"):
        pass
    return text
