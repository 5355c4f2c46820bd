"""The gRPC server: plaintext on the loopback, and TLS with the sandbox's certificate."""

import contextlib
from collections.abc import Callable

import grpc
from google.protobuf.message import DecodeError, Message

from sandbox.frame import Frame
from sandbox.ports import LOOPBACK
from sandbox.salesforce.events import pubsub_api_pb2 as pb
from sandbox.salesforce.events.pubsub import PubSub

PLAIN = "salesforce_pubsub"
SECURE = "salesforce_pubsub_tls"
SERVICE = "eventbus.v1.PubSub"
OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.max_concurrent_streams", 1000),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
)
GRACE_S = 0.3


class PubSubServer:
    def __init__(self, frame: Frame, servicer: PubSub) -> None:
        self._frame = frame
        self._servicer = servicer
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        server = grpc.aio.server(options=OPTIONS)
        server.add_generic_rpc_handlers([_handlers(self._servicer)])
        tls = self._frame.tls
        pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
        credentials = grpc.ssl_server_credentials([pair])
        self._bind(PLAIN, server.add_insecure_port)
        self._bind(SECURE, lambda address: server.add_secure_port(address, credentials))
        await server.start()
        self._server = server

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(GRACE_S)

    def addresses(self) -> dict[str, str]:
        ports = self._frame.ports
        return {
            "pubsub": f"{LOOPBACK}:{ports.port(PLAIN)}",
            "pubsub_tls": f"localhost:{ports.port(SECURE)}",
        }

    def _bind(self, name: str, add: Callable[[str], int]) -> None:
        """The port of last time if it is free, else a fresh one."""
        port = 0
        if wanted := self._frame.ports.wanted(name):
            with contextlib.suppress(RuntimeError):
                port = add(f"{LOOPBACK}:{wanted}")
        self._frame.ports.bound(name, port or add(f"{LOOPBACK}:0"))


def _handlers(servicer: PubSub) -> "grpc.GenericRpcHandler[object, object]":
    """As the generated code would make them, but for bytes that are no message: those reach the
    servicer as None, so that it answers in the vendor's way."""
    once, streaming = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            "GetTopic": once(servicer.GetTopic, _reader(pb.TopicRequest), _bytes),
            "GetSchema": once(servicer.GetSchema, _reader(pb.SchemaRequest), _bytes),
            "Publish": once(servicer.Publish, _reader(pb.PublishRequest), _bytes),
            "Subscribe": streaming(servicer.Subscribe, _reader(pb.FetchRequest), _bytes),
            "PublishStream": streaming(servicer.PublishStream, _reader(pb.PublishRequest), _bytes),
            "ManagedSubscribe": streaming(
                servicer.ManagedSubscribe, _reader(pb.ManagedFetchRequest), _bytes
            ),
        },
    )


def _reader(kind: type[Message]) -> Callable[[bytes], Message | None]:
    def read(raw: bytes) -> Message | None:
        try:
            return kind.FromString(raw)
        except DecodeError:
            return None

    return read


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()
