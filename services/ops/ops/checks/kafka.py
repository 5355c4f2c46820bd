"""Kafka answers, and its topics are as the schemas want them."""

from collections.abc import Collection, Iterator, Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

from ops.checks.finding import Area, Finding, StopLookingError
from ops.lag import ANSWER_WITHIN_S, kafka_admin
from ops.render.lines import counted
from runtime.kafka import reason_of
from runtime.topics import TopicSpec

AREA = Area("Kafka")


def kafka_findings(bootstrap: str, specs: Sequence[TopicSpec]) -> Iterator[Finding]:
    client = kafka_admin(bootstrap)
    try:
        known = client.list_topics(timeout=ANSWER_WITHIN_S).topics
        yield AREA.well(f"answers at {bootstrap}")
        faults = list(_missing(known.keys(), specs))
        present = [spec for spec in specs if spec.name in known]
        partitions = {spec.name: len(known[spec.name].partitions) for spec in present}
        faults += _differing(client, present, partitions)
    except KafkaException as error:
        raise StopLookingError(
            AREA.wrong(
                f"nothing answers at {bootstrap}: {reason_of(error)}",
                "SRE: start Kafka, or correct KAFKA_BOOTSTRAP.",
            )
        ) from None
    yield from faults or [AREA.well(f"{counted(len(specs), 'topic')} as the schemas want them")]


def _missing(known: Collection[str], specs: Sequence[TopicSpec]) -> Iterator[Finding]:
    missing = [spec.name for spec in specs if spec.name not in known]
    if missing:
        yield AREA.wrong(
            f"missing: {', '.join(missing)}", "SRE: start any service; it makes missing topics."
        )


def _differing(
    client: AdminClient, specs: Sequence[TopicSpec], partitions: dict[str, int]
) -> Iterator[Finding]:
    asked = [ConfigResource(ResourceType.TOPIC, spec.name) for spec in specs]
    answers = client.describe_configs(asked, request_timeout=ANSWER_WITHIN_S) if asked else {}
    found = {
        resource.name: {name: entry.value for name, entry in answer.result().items()}
        for resource, answer in answers.items()
    }
    for spec in specs:
        if partitions[spec.name] != spec.partitions:
            yield AREA.wrong(
                f"{spec.name} has {partitions[spec.name]} partitions, not {spec.partitions}",
                "SRE: make a new version of the topic and replay into it; order per key hangs on"
                " the count.",
            )
        for name, wanted in spec.config.items():
            value = found[spec.name].get(name)
            if value != wanted:
                yield AREA.wrong(
                    f"{spec.name} has {name} = {value}, not {wanted}",
                    f"SRE: set it with kafka-configs --alter --add-config {name}={wanted}.",
                )
