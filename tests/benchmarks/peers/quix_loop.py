"""The same on Quix Streams: at least once, a commit a second."""

import sys

from quixstreams import Application
from quixstreams.models import BytesDeserializer, SerializationContext, Serializer

from kernel.headers import TRACEPARENT
from kernel.messages import Coordinates
from runtime.schemas import load_codec, schemas_directory
from tests.benchmarks.peers.deals import Answer, Desk


class Sent(Serializer):  # type: ignore[misc]  # not installed where types are checked
    """An answer is bytes already."""

    def __call__(self, value: Answer, ctx: SerializationContext) -> bytes:
        return value.value


def main(bootstrap: str, source: str, target: str) -> None:
    desk = Desk(load_codec(schemas_directory()))
    app = Application(
        broker_address=bootstrap,
        consumer_group=source,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        commit_interval=1.0,
        loglevel="WARNING",
        producer_extra_config={"compression.type": "lz4", "enable.idempotence": True},
    )
    read = app.topic(source, value_deserializer=BytesDeserializer(), key_deserializer="str")
    write = app.topic(target, value_serializer=Sent(), key_serializer="str")
    place = Coordinates(source, 0, 0)

    def answers(value: bytes, key: object, timestamp: int, headers: object) -> list[Answer]:
        found = dict(headers or ()) if isinstance(headers, list) else {}
        return desk.answers(value, place, (found.get(TRACEPARENT) or b"").decode())

    frame = app.dataframe(read).apply(answers, expand=True, metadata=True)
    frame = frame.set_headers(
        lambda value, key, timestamp, headers: [
            (name, one.encode()) for name, one in value.headers.items()
        ]
    )
    frame.to_topic(write, key=lambda value: value.key)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
