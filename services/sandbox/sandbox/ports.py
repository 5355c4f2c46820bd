"""Free ports of this machine, remembered in the state so that a restart has the same addresses."""

import json
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


class Ports:
    """Names and the ports bound for them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._remembered: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        self._bound: dict[str, int] = {}

    def listen(self, name: str) -> socket.socket:
        """A listening socket: on the port of last time if it is free, else on a fresh one."""
        wanted = self.wanted(name)
        try:
            listener = _listener(wanted)
        except OSError:
            listener = _listener(0)
        self.bound(name, listener.getsockname()[1])
        return listener

    def wanted(self, name: str) -> int:
        """The port of last time, 0 when there is none."""
        return self._remembered.get(name, 0)

    def bound(self, name: str, port: int) -> None:
        self._bound[name] = port
        self._remembered[name] = port
        self._path.write_text(json.dumps(self._remembered))

    def port(self, name: str) -> int | None:
        return self._bound.get(name)

    def all_bound(self) -> frozenset[int]:
        return frozenset(self._bound.values())


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(512)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
