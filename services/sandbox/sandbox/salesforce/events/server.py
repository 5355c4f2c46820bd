"""The gRPC server: plaintext on the loopback, and TLS with the sandbox's certificate."""

import contextlib
from collections.abc import Callable

import grpc

from sandbox.frame import Frame
from sandbox.ports import LOOPBACK
from sandbox.salesforce.events.pubsub import PubSub
from sandbox.salesforce.events.pubsub_api_pb2_grpc import add_PubSubServicer_to_server

PLAIN = "salesforce_pubsub"
SECURE = "salesforce_pubsub_tls"
OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
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
        add_PubSubServicer_to_server(self._servicer, server)
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
