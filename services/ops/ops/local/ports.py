"""Free TCP ports on the loopback address that stay free while nobody listens on them."""

import random
import socket
from pathlib import Path

EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000
ATTEMPTS_MAX = 200


def is_free(port: int) -> bool:
    """Whether a server can listen there; connections that linger after a close do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port below the range from which the kernel takes the client's end of a connection.

    A client that keeps trying a dead server in that range can be given the server's own port
    and then talks to itself, and the server cannot come back.
    """
    for _ in range(ATTEMPTS_MAX):
        port = random.randrange(LOWEST, _first_ephemeral())
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first_ephemeral() -> int:
    try:
        first = int(EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError):
        return 2 * LOWEST
    return max(first, LOWEST + 1)
