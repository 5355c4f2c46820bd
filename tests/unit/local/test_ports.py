"""Ports that a server can have and keep."""

import socket

from ops.local.ports import EPHEMERAL_RANGE, free_port, is_free


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_a_free_port_lies_where_no_client_is_given_one() -> None:
    first = int(EPHEMERAL_RANGE.read_text().split()[0])
    port = free_port()
    assert 1024 < port < first
    assert is_free(port)
