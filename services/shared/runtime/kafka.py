"""What every Kafka client of ours has in common: settings, the words of errors, away and back."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException

CLIENT_LOG = "kafka"
LOG_CRITICAL = 2
PROBE_EVERY_S, PROBE_TIMEOUT_S = 1.0, 0.5


def client_settings(bootstrap: str, purpose: str) -> dict[str, Any]:
    """Limits for a broker that hangs or restarts: found out within 10 s, back within a second."""
    return {
        "bootstrap.servers": bootstrap,
        "client.id": f"tallystick-{purpose}",
        "socket.timeout.ms": 10_000,
        "socket.connection.setup.timeout.ms": 5_000,
        "socket.nagle.disable": True,
        "socket.keepalive.enable": True,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1_000,
        "allow.auto.create.topics": False,
        # connection trouble is said once, on health, not once a connection and second
        "log_level": LOG_CRITICAL,
        "logger": logging.getLogger(CLIENT_LOG),
    }


def reason_of(error: KafkaException) -> str:
    """The sentence of the client library."""
    inner = error.args[0] if error.args else error
    return inner.str() if isinstance(inner, KafkaError) else str(inner)


def is_fatal(error: KafkaError) -> bool:
    """Whether the client that reports this can never work again."""
    return error.fatal() or error.code() == KafkaError._FATAL


class Client(Protocol):
    """What producers and consumers can both be asked."""

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> object: ...


class Presence:
    """Whether a client reaches Kafka, told once when it changes. Belongs to the client's thread."""

    def __init__(self, away: Callable[[str], None], back: Callable[[], None]) -> None:
        self._away, self._back = away, back
        self._last_reason = ""
        self._asked = 0.0
        self.is_away = False

    def heard(self, error: KafkaError) -> None:
        """Every error that the client reports and that is not fatal."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._away(self._last_reason or error.str())
            self.is_away = True
        else:
            self._last_reason = error.str()

    def ask(self, client: Client) -> None:
        """While Kafka is away, ask now and then whether it is back."""
        if not self.is_away or time.monotonic() - self._asked < PROBE_EVERY_S:
            return
        try:
            client.list_topics(timeout=PROBE_TIMEOUT_S)
        except KafkaException:
            self._asked = time.monotonic()
        else:
            self.is_away = False
            self._back()
