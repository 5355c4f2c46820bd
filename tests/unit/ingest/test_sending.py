"""What cannot travel as it is still arrives, and has an end like any other."""

import asyncio
from collections.abc import Mapping, Sequence

from ingest.app.sending import sent
from kernel.errors import PermanentError
from kernel.messages import TOO_LARGE, ChangeEvent, Coordinates, Message
from kernel.values import Document
from runtime.clock import Clock
from runtime.health import Health
from runtime.process import Context
from runtime.telemetry import open_telemetry
from tests.builders import ACCOUNT, OPPORTUNITY, change

FIELDS_MAX = 3


class SmallLog:
    """Takes no document with more than three fields."""

    def __init__(self) -> None:
        self.kept: list[ChangeEvent] = []

    async def send(
        self, messages: Sequence[Message], *, parents: Mapping[str, str]
    ) -> list[Coordinates]:
        events = [message for message in messages if isinstance(message, ChangeEvent)]
        if any(event.document and len(event.document.fields) > FIELDS_MAX for event in events):
            raise PermanentError("a record is larger than the topic takes")
        self.kept += events
        return [Coordinates("salesforce.changes.v1", 0, len(self.kept)) for _ in events]


def context() -> Context:
    stop = asyncio.Event()
    telemetry = open_telemetry("test", "0")
    return Context(
        service="test", stop=stop, health=Health(stop), telemetry=telemetry, clock=Clock()
    )


async def test_a_document_that_is_too_large_arrives_without_its_content() -> None:
    large = change(OPPORTUNITY, Document({str(number): number for number in range(9)}))
    small = change(ACCOUNT, Document({"Name": "Acme"}))
    log = SmallLog()
    places = await sent([small, large], log, context())
    assert places.keys() == {ACCOUNT, OPPORTUNITY}
    kept = {event.ref: event for event in log.kept}
    assert kept[ACCOUNT] == small
    assert kept[OPPORTUNITY].document is None
    assert kept[OPPORTUNITY].content_hash == TOO_LARGE
    assert kept[OPPORTUNITY].id == large.id
