"""Streams of the Pub/Sub API as a test drives them, and platform events as publishers make them."""

import io
import json
import queue
import threading
from collections.abc import Iterator
from typing import Any

import fastavro
import grpc
import pytest

from tests.contract.sandbox.salesforce_client import WITHIN_S, PubSub, _messages

SAMPLE = "/event/Sample__e"


class Stream:
    """A stream in both directions: `PublishStream` or `ManagedSubscribe`."""

    def __init__(self, pubsub: PubSub, call: str, request: str, answer: str) -> None:
        self._request = _messages()[request]
        self._requests: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()
        method = pubsub.channel.stream_stream(
            f"/eventbus.v1.PubSub/{call}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=_messages()[answer].FromString,
        )
        self.stream = method(self._outgoing(), metadata=pubsub.metadata, timeout=WITHIN_S)
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, **fields: Any) -> None:
        self._requests.put(self._request(**fields))

    def finish(self) -> None:
        self._requests.put(None)

    def answer(self) -> Any:
        """The next answer; raises what ended the stream."""
        found = self._answers.get(timeout=WITHIN_S)
        if isinstance(found, Exception):
            raise found
        return found

    def refusal(self) -> tuple[str, str]:
        """Status and code of what ended the stream, past answers that came before."""
        while True:
            found = self._answers.get(timeout=WITHIN_S)
            if isinstance(found, grpc.RpcError):
                return status_and_code(found)
            assert not isinstance(found, StopIteration)

    def close(self) -> None:
        """Says goodbye and waits until the server has let go; nothing may be owed."""
        self.finish()
        with pytest.raises(StopIteration):
            self.answer()

    def cancel(self) -> None:
        self.stream.cancel()
        self.finish()

    def _listen(self) -> None:
        try:
            for found in self.stream:
                self._answers.put(found)
            self._answers.put(StopIteration())
        except grpc.RpcError as error:
            self._answers.put(error)

    def _outgoing(self) -> Iterator[Any]:
        while (request := self._requests.get()) is not None:
            yield request


class Event:
    """A topic's schema, and events made and read by it."""

    def __init__(self, pubsub: PubSub, topic: str = SAMPLE) -> None:
        self.topic = topic
        self.schema_id = pubsub.topic(topic).schema_id
        self.schema: Any = fastavro.parse_schema(
            json.loads(pubsub.schema(self.schema_id).schema_json)
        )

    def made(self, identifier: str = "", **values: Any) -> Any:
        body = {"CreatedDate": 0, "CreatedById": "005000000000000AAA", **values}
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, self.schema, body)
        return _messages()["ProducerEvent"](
            id=identifier, schema_id=self.schema_id, payload=buffer.getvalue()
        )

    def raw(self, payload: bytes, schema_id: str | None = None) -> Any:
        return _messages()["ProducerEvent"](
            schema_id=self.schema_id if schema_id is None else schema_id, payload=payload
        )

    def read(self, event: Any) -> dict[str, Any]:
        return dict(fastavro.schemaless_reader(io.BytesIO(event.payload), self.schema, None))


def publish(pubsub: PubSub, topic: str, *events: Any) -> Any:
    return pubsub.unary(
        "Publish", "PublishRequest", "PublishResponse", topic_name=topic, events=events
    )


def status_and_code(error: grpc.RpcError) -> tuple[str, str]:
    """The gRPC status, and the vendor's code without its prefix; checks the trailers' form."""
    found: dict[str, str] = dict(error.trailing_metadata())
    assert found["rpc-id"] in error.details()
    assert found["type"]
    return error.code().name, found["error-code"].removeprefix("sfdc.platform.eventbus.grpc.")


def refused(pubsub: PubSub, topic: str, *events: Any) -> tuple[str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        publish(pubsub, topic, *events)
    return status_and_code(caught.value)
