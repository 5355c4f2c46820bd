"""A CONNECT relay that leads clients with hard-coded vendor hosts to the local TLS ports."""

import asyncio
import contextlib
import logging
import socket
from fnmatch import fnmatchcase

from sandbox.ports import LOOPBACK, Ports

ROUTES = (
    ("api.pubsub.salesforce.com", "salesforce_pubsub_tls"),
    ("*.salesforce.com", "salesforce_https"),
    ("*.suitetalk.api.netsuite.com", "netsuite_https"),
    ("*.restlets.api.netsuite.com", "netsuite_https"),
)
LOCAL = ("localhost", LOOPBACK)
CHUNK = 65536
HEAD_MAX = 16384
HEAD_TIMEOUT_S = 30.0
log = logging.getLogger(__name__)


class Relay:
    """Speaks only CONNECT, and only to what stands in ROUTES or to our own ports."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Returns the relay's address for HTTPS_PROXY."""
        listener = self._ports.listen("relay")
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=HEAD_MAX)
        return f"http://{LOOPBACK}:{self._ports.port('relay')}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._connect(reader, writer)
        writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = await _target(reader)
        port = None if target is None else self._port(*target)
        if port is None:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            near = writer.get_extra_info("socket")
            await asyncio.gather(_pump(reader, far_writer, near), _pump(far_reader, writer))
        finally:
            far_writer.close()

    def _port(self, host: str, port: int) -> int | None:
        if host in LOCAL:
            return port if port in self._ports.all_bound() else None
        for pattern, name in ROUTES:
            if fnmatchcase(host.lower(), pattern):
                return self._ports.port(name)
        log.info("relay refused host=%s", host)
        return None


async def _target(reader: asyncio.StreamReader) -> tuple[str, int] | None:
    try:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        return None
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or words[0] != "CONNECT":
        return None
    host, _, port = words[1].rpartition(":")
    return (host, int(port)) if port.isdigit() else None


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    acknowledge: socket.socket | None = None,
) -> None:
    with contextlib.suppress(OSError):
        _acknowledge_at_once(acknowledge)
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
            _acknowledge_at_once(acknowledge)
    with contextlib.suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()


def _acknowledge_at_once(connection: socket.socket | None) -> None:
    """Clients behind a proxy wait for the acknowledgement of the head before they send the body:
    without this each write takes 40 ms more. Linux only, and only until the next packet."""
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
