"""Which room of the code may import what: the table of docs/ARCHITECTURE.md as data."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SERVICES = REPOSITORY / "services"
SHARED = frozenset({"kernel", "runtime"})
OURS = frozenset(path.parent.name for path in SERVICES.glob("*/*/py.typed"))
STDLIB = frozenset(sys.stdlib_module_names)
PURE_STDLIB = frozenset(
    "__future__ collections contextlib dataclasses datetime decimal enum functools hashlib"
    " itertools json operator re string struct types typing unicodedata uuid".split()
)
"""Modules that compute values and touch nothing outside."""


@dataclass(frozen=True)
class Room:
    """Where a file stands and what it may reach.

    `libraries` are third-party roots; None means any. `ours` are package roots of this
    repository beside the file's own.
    """

    name: str
    ours: frozenset[str] = frozenset()
    libraries: frozenset[str] | None = frozenset()
    pure: bool = False
    adapters: bool = False
    environment: bool = False
    asynchronous: bool = True
    extra_stdlib: frozenset[str] = field(default_factory=frozenset)


TELEMETRY = frozenset({"opentelemetry", "prometheus_client"})
RUNTIME_LIBRARIES = TELEMETRY | {
    "confluent_kafka",
    "cryptography",
    "psycopg",
    "psycopg_pool",
    "aiohttp",
    "httpx",
    "httpx_aiohttp",
    "jwt",
    "requests",
    "simple_salesforce",
    "yaml",
}
PURE_LIBRARIES = frozenset({"phonenumbers", "rapidfuzz", "stdnum"})
"""Libraries that compute values from values and touch nothing outside."""
KERNEL = Room("kernel", pure=True, asynchronous=False)
CODEC = Room(
    "kernel.codec",
    asynchronous=False,
    libraries=frozenset({"fastavro"}),
    pure=True,
    extra_stdlib=frozenset({"io"}),
)
RUNTIME = Room("runtime", ours=frozenset({"kernel"}), libraries=RUNTIME_LIBRARIES)
RUNTIME_SETTINGS = Room("runtime.settings", ours=frozenset({"kernel"}), environment=True)
SETTINGS = Room("settings", ours=frozenset({"runtime"}), environment=True)
DECISIONS = Room(
    "decisions",
    ours=frozenset({"kernel"}),
    libraries=PURE_LIBRARIES,
    pure=True,
    asynchronous=False,
)
PORTS = Room("ports", ours=frozenset({"kernel"}), pure=True)
APP = Room("app", ours=SHARED, libraries=TELEMETRY)
ADAPTER = Room("adapters", ours=SHARED, libraries=None, adapters=True)
MAIN = Room("__main__", ours=SHARED, libraries=None, adapters=True)
SANDBOX = Room("sandbox", libraries=None)
OPS = Room("ops", ours=SHARED, libraries=None, environment=True)


PROGRAM = "adopting"
"""A second program of transform: its shell stands beside the service's, under one name."""
OWN_ROOMS = frozenset({"__main__.py", "settings.py", "ports.py"})


def package_of(path: Path) -> str:
    parts = path.relative_to(SERVICES).parts
    return parts[1]


def room_of(path: Path) -> Room:
    """The room a file belongs to, by where it stands."""
    package = package_of(path)
    inner = path.relative_to(SERVICES).parts[2:]
    first = inner[0].removesuffix(".py")
    if package == "kernel":
        return CODEC if first == "codec" else KERNEL
    if package == "runtime":
        return RUNTIME_SETTINGS if first == "settings" else RUNTIME
    if package == "sandbox":
        return SANDBOX
    if package == "ops":
        return OPS
    if first == PROGRAM:
        return _service_room(inner[1].removesuffix(".py") if inner[1] in OWN_ROOMS else "app")
    return _service_room(first)


def _service_room(first: str) -> Room:
    rooms = {
        "settings": SETTINGS, "app": APP, "adapters": ADAPTER, "__main__": MAIN,
        "domain": DECISIONS, "pipeline": DECISIONS, "ports": PORTS, "__init__": DECISIONS,
    }  # fmt: skip
    if first not in rooms:
        known = ", ".join(sorted(rooms))
        raise AssertionError(f"{first}: a service's top level holds only {known}")
    return rooms[first]
