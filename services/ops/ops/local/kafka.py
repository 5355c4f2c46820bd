"""Apache Kafka as a child process: one node, broker and controller, data in the state directory."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from ops.local.cache import discard, is_whole
from ops.local.child import Part
from ops.local.deploy_files import deploy_file
from ops.local.errors import UnreachableError
from ops.local.kafka_home import (
    JVM_FLAGS,
    KafkaHome,
    keep_classes,
    new_uuid,
    prepared_home,
    server_properties,
)
from ops.local.polling import holds_within
from ops.local.state import State, port_of, write_whole

ANSWER_WITHIN_S = 2.0


async def kafka_part(
    state: State, environment: Mapping[str, str], say: Callable[[str], None]
) -> Part:
    """Fetch what is missing, lay out the data directory and describe the child process."""
    home = await prepared_home(environment, say)
    directory = state.directory / "kafka"
    address = f"127.0.0.1:{port_of(state, 'kafka')}"
    _lay_out(directory, home, state)
    return Part(
        name="kafka",
        command=await asyncio.to_thread(_command, home, directory, environment),
        environment=environment,
        directory=directory,
        is_ready=answers(address),
        address=address,
        after_end=keep_classes(directory / "classes.jsa", home.classes),
    )


def answers(bootstrap: str) -> Callable[[int], Awaitable[bool]]:
    """Ask the cluster itself: ready is when a broker that serves clients names itself."""
    quiet = {"log_level": 0, "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 50}
    client = AdminClient({"bootstrap.servers": bootstrap, **quiet})

    async def is_ready(_: int) -> bool:
        asked = client.describe_cluster(request_timeout=ANSWER_WITHIN_S)
        try:
            return bool((await asyncio.wrap_future(asked)).nodes)
        except KafkaException:
            return False

    return is_ready


async def check_that_it_answers(bootstrap: str, *, within_s: float) -> None:
    """For a Kafka that somebody else runs."""
    is_ready = answers(bootstrap)
    if not await holds_within(within_s, lambda: is_ready(0)):
        raise UnreachableError(
            f"no Kafka answers at {bootstrap} (KAFKA_BOOTSTRAP) within {within_s:g} s: "
            "start it, or correct the address, or unset KAFKA_BOOTSTRAP to have one started here"
        )


def _lay_out(directory: Path, home: KafkaHome, state: State) -> None:
    """Write the properties anew, and the data directory when there is none."""
    data = directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    ports = {
        "port": port_of(state, "kafka"),
        "controller_port": port_of(state, "kafka-controller"),
    }
    write_whole(directory / "server.properties", server_properties(**ports))
    if not (data / "meta.properties").exists():
        (data / home.first_metadata.name).write_bytes(home.first_metadata.read_bytes())
        lines = ("version=1", "node.id=1", f"cluster.id={new_uuid()}", f"directory.id={new_uuid()}")
        write_whole(data / "meta.properties", "\n".join(lines) + "\n")


def _command(home: KafkaHome, directory: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    if is_whole(home.classes):
        archive = f"-XX:SharedArchiveFile={home.classes}"
    else:
        discard(home.classes)
        archive = f"-XX:ArchiveClassesAtExit={directory / 'classes.jsa'}"
    return (
        str(home.java.program),
        *JVM_FLAGS,
        archive,
        f"-Dlog4j2.configurationFile={deploy_file('log4j2.properties')}",
        *shlex.split(environment.get("TALLYSTICK_KAFKA_OPTS", "")),
        "-cp",
        home.class_path,
        "kafka.Kafka",
        "server.properties",
    )
