"""The same on Faust: an agent over the topic's events."""

import sys
import tempfile

import faust

from kernel.headers import TRACEPARENT
from kernel.messages import Coordinates
from runtime.schemas import load_codec, schemas_directory
from tests.benchmarks.peers.deals import Desk


def main(bootstrap: str, source: str, target: str) -> None:
    desk = Desk(load_codec(schemas_directory()))
    app = faust.App(
        source,
        broker=f"kafka://{bootstrap}",
        value_serializer="raw",
        key_serializer="raw",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        producer_acks=-1,
        web_enabled=False,
        datadir=tempfile.mkdtemp(prefix="faust-"),
    )
    read = app.topic(source, value_serializer="raw", key_serializer="raw")
    write = app.topic(target, value_serializer="raw", key_serializer="raw")

    @app.agent(read)  # type: ignore[untyped-decorator]  # as above
    async def answer(stream: faust.Stream) -> None:
        async for event in stream.events():
            record = event.message
            place = Coordinates(source, record.partition, record.offset)
            parent = (dict(record.headers or {}).get(TRACEPARENT) or b"").decode()
            for one in desk.answers(event.value, place, parent):
                headers = {name: text.encode() for name, text in one.headers.items()}
                await write.send(key=one.key.encode(), value=one.value, headers=headers)

    faust.Worker(app, loglevel="WARN").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
