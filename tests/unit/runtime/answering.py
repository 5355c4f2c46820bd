"""A small real HTTP server that answers as a test wants, also in ways no vendor should."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from runtime.fetching import Fetching, open_fetching
from runtime.hosts import Hosts

HOST = "127.0.0.1"
PLAIN = Hosts(vendor=(), named=frozenset({HOST}), plain=True)
Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    url: str
    heads: list[str] = field(default_factory=list)
    """First line and headers of each request."""


@asynccontextmanager
async def answering(speak: Speak) -> AsyncIterator[Server]:
    """`speak` writes the bytes of each answer."""
    server = Server("")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            server.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await speak(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, HOST, 0)
    async with listening:
        server.url = f"http://{HOST}:{listening.sockets[0].getsockname()[1]}"
        yield server
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(
    body: bytes = b"{}", status: str = "200 OK", *headers: str, length: int | None = None
) -> Speak:
    """`length` may be a lie."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length or len(body)}", *headers]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode()

    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(head + body)

    return speak


@asynccontextmanager
async def fetching(hosts: Hosts = PLAIN) -> AsyncIterator[Fetching]:
    async with open_fetching("Vendor", hosts, ca_file=None, connections=2) as opened:
        yield opened
