"""Settings out of the environment, every fault at once: the only reader of the environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from kernel.errors import FatalError

T = TypeVar("T")
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
PORT_MAX = 65_535
VALUE_SHOWN_MAX = 80


class SettingsError(FatalError):
    """Everything that is wrong with the settings, each fault with its remedy."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def environment() -> Mapping[str, str]:
    return os.environ


class Reader:
    """Reads one setting after the other and keeps the faults until `finish`.

    `about` says in a few words what the setting is, as in "host:port of a Kafka broker"; a fault
    ends with it. A setting without a default is required; an empty one counts as not set. What a
    method returns for a faulty setting only fills the place until `finish` raises.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._faults: list[str] = []

    def text(self, name: str, about: str, default: str | None = None) -> str:
        return self._raw(name, about, default) or ""

    def secret(self, name: str, about: str, default: str | None = None) -> str:
        """Like `text`. The value is never shown; keep it in a field with repr=False."""
        return self._raw(name, about, default) or ""

    def integer(
        self,
        name: str,
        about: str,
        default: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
    ) -> int:
        raw = self._raw(name, about, default)
        try:
            number = 0 if raw is None else int(raw)
        except ValueError:
            return self._wrong(name, about, f"'{_shown(raw)}' is not a whole number", 0)
        return self._bounded(name, about, number, raw, at_least, at_most)

    def number(
        self,
        name: str,
        about: str,
        default: float | None = None,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> float:
        raw = self._raw(name, about, default)
        try:
            number = 0.0 if raw is None else float(raw)
        except ValueError:
            return self._wrong(name, about, f"'{_shown(raw)}' is not a number", 0.0)
        if number != number or number in {float("inf"), float("-inf")}:
            return self._wrong(name, about, f"'{_shown(raw)}' is not a finite number", 0.0)
        return self._bounded(name, about, number, raw, at_least, at_most)

    def flag(self, name: str, about: str, default: bool) -> bool:
        raw = self._raw(name, about, "1" if default else "0")
        word = str(raw).lower()
        if word not in TRUE | FALSE:
            return self._wrong(name, about, f"'{_shown(raw)}' is neither 1 nor 0", default)
        return word in TRUE

    def path(
        self, name: str, about: str, default: str | Path | None = None, must_exist: bool = False
    ) -> Path:
        raw = self._raw(name, about, default)
        path = Path(raw or ".")
        if raw and must_exist and not path.exists():
            return self._wrong(name, about, f"'{_shown(raw)}' does not exist", path)
        return path

    def optional_path(self, name: str, about: str, must_exist: bool = False) -> Path | None:
        """None where the setting is empty or not there."""
        return self.path(name, about, "", must_exist) if self._env.get(name) else None

    def choice(self, name: str, about: str, options: Sequence[str], default: str | None) -> str:
        raw = self._raw(name, about, default)
        if raw is not None and raw not in options:
            known = ", ".join(options)
            return self._wrong(name, about, f"'{_shown(raw)}' is not one of {known}", options[0])
        return raw or options[0]

    def address(self, name: str, about: str, default: str | None = None, many: bool = False) -> str:
        """`host:port`; with `many` also several of them, separated by commas."""
        raw = self._raw(name, about, default) or ""
        parts = raw.split(",") if many else [raw]
        if raw and not all(_is_address(part.strip()) for part in parts):
            return self._wrong(name, about, f"'{_shown(raw)}' is not host:port", raw)
        return raw

    def url(
        self,
        name: str,
        about: str,
        default: str | None = None,
        schemes: Sequence[str] = ("https", "http"),
    ) -> str:
        """Without a slash at the end, so that paths can be put behind it."""
        raw = self._raw(name, about, default) or ""
        if raw and not _is_url(raw, schemes):
            start = " or ".join(f"{scheme}://" for scheme in schemes)
            return self._wrong(name, about, f"'{_shown(raw)}' is not an address {start}host", raw)
        return raw.rstrip("/")

    def wrong(self, name: str, about: str, why: str) -> None:
        """Add a fault that only the caller sees, such as two settings that exclude each other."""
        self._wrong(name, about, why, None)

    def is_faulty(self, name: str) -> bool:
        """Whether a fault of this setting is known already."""
        return any(fault.startswith((f"{name}: ", f"{name} is not set")) for fault in self._faults)

    def finish(self) -> None:
        """SettingsError with all faults at once, if there is one."""
        if self._faults:
            raise SettingsError(tuple(dict.fromkeys(self._faults)))

    def _raw(self, name: str, about: str, default: object) -> str | None:
        value = self._env.get(name, "").strip()
        if value:
            return value
        if default is None:
            self._faults.append(f"{name} is not set: give {about}")
            return None
        return str(default)

    def _wrong(self, name: str, about: str, why: str, instead: T) -> T:
        self._faults.append(f"{name}: {why}: give {about}")
        return instead

    def _bounded(
        self,
        name: str,
        about: str,
        number: T,
        raw: str | None,
        at_least: float | None,
        at_most: float | None,
    ) -> T:
        value = float(number)  # type: ignore[arg-type]  # T is int or float here
        if raw is not None and at_least is not None and value < at_least:
            return self._wrong(name, about, f"{number} is below {at_least}", number)
        if raw is not None and at_most is not None and value > at_most:
            return self._wrong(name, about, f"{number} is above {at_most}", number)
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSettings:
    """What every service needs beside its own."""

    kafka_bootstrap: str
    group_instance_id: str
    health_port: int
    """0 takes a free one."""
    health_file: Path | None
    otlp_endpoint: str | None
    service_version: str
    health_host: str = "127.0.0.1"
    trace_ratio: float = 1.0
    log_level: str = "INFO"


def common(reader: Reader, service: str) -> CommonSettings:
    return CommonSettings(
        kafka_bootstrap=reader.address(
            "KAFKA_BOOTSTRAP", "host:port of one or more Kafka brokers", many=True
        ),
        group_instance_id=reader.text(
            "GROUP_INSTANCE_ID", "a name no other process of this service has", f"{service}-0"
        ),
        health_port=reader.integer(
            "HEALTH_PORT", "a TCP port for /live, /ready and /metrics, 0 for a free one",
            0, at_least=0, at_most=PORT_MAX,
        ),
        health_file=reader.optional_path("HEALTH_FILE", "a file to write the health address to"),
        otlp_endpoint=reader.url(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "the address of an OTLP/HTTP collector, or nothing", ""
        ) or None,
        service_version=_version(),
        health_host=reader.text(
            "HEALTH_HOST", "the address to serve health on, 0.0.0.0 for all", "127.0.0.1"
        ),
        trace_ratio=reader.number(
            "TRACE_RATIO", "the share of changes to trace, 0 to 1", 1.0, at_least=0.0, at_most=1.0
        ),
        log_level=reader.choice(
            "LOG_LEVEL", "the least level to log", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a service needs that remembers its work and seals or opens personal values."""

    sync_dsn: str = field(repr=False)
    keys_dsn: str = field(repr=False)
    kek_file: Path


def stores(reader: Reader) -> Stores:
    return Stores(
        sync_dsn=reader.secret("SYNC_DSN", "the DSN of the database sync"),
        keys_dsn=reader.secret("KEYS_DSN", "the DSN of the database keys"),
        kek_file=reader.path(
            "KEK_FILE", "the file with the key-encryption key, 32 bytes in base64", must_exist=True
        ),
    )


def _version() -> str:
    try:
        return metadata.version("tallystick")
    except metadata.PackageNotFoundError:
        return "unreleased"


def _shown(raw: str | None) -> str:
    return (raw or "")[:VALUE_SHOWN_MAX]


def _is_address(text: str) -> bool:
    host, separator, port = text.rpartition(":")
    return bool(host and separator and port.isdecimal() and 0 < int(port) <= PORT_MAX)


def _is_url(text: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
