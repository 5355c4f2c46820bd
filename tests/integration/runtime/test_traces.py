"""One change through two services on a real Kafka is one trace, whose id is the change's."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from kernel.topics import OUTCOMES
from runtime import names
from runtime.clock import Clock
from runtime.consume import Consumption, Record, consume
from runtime.health import Health
from runtime.process import Context
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.telemetry import open_telemetry
from runtime.topics import ensure_topics, load_topics
from tests.integration.runtime.messages import an_outcome
from tests.integration.runtime.parts import never_broken

pytestmark = pytest.mark.real


async def test_the_steps_of_two_services_hang_under_each_other_in_the_changes_own_trace(
    kafka: str, unique: str
) -> None:
    exporters = InMemorySpanExporter(), InMemorySpanExporter()
    first, second = map(a_context, ("capturing", "deciding"), exporters)
    directory = schemas_directory()
    await ensure_topics(kafka, load_topics(directory / "topics"), first.health)
    log = open_log(kafka, load_codec(directory), "capturing", first.telemetry, first)
    message = an_outcome(unique)
    event = message.event_id

    async def handle(records: Sequence[Record]) -> None:
        for record in records:
            if record.headers["ce_id"] == message.id:
                with second.telemetry.span(names.SPAN_DECIDE, event, record.traceparent):
                    second.stop.set()

    with first.telemetry.span(names.SPAN_CAPTURE, event) as capturing:
        await log.send([message], parents={event: capturing.traceparent})
    await consume(
        Consumption(
            bootstrap=kafka,
            group=unique,
            instance_id="one",
            topics=(OUTCOMES,),
            batch_max=500,
            slots=1,
        ),
        handle,
        ctx=second,
        broken=never_broken,
    )
    await log.close()
    first.telemetry.close()
    second.telemetry.close()
    (capture,), (decide,) = (exporter.get_finished_spans() for exporter in exporters)
    assert capture.context
    assert decide.context
    assert decide.parent
    assert capture.context.trace_id == decide.context.trace_id == uuid.UUID(event).int
    assert capture.parent is None
    assert decide.parent.span_id == capture.context.span_id
    assert decide.resource.attributes["service.name"] == "deciding"


def a_context(service: str, spans: InMemorySpanExporter) -> Context:
    stop = asyncio.Event()
    return Context(
        service=service,
        stop=stop,
        health=Health(stop),
        telemetry=open_telemetry(service, "0", exporter=spans),
        clock=Clock(),
    )
