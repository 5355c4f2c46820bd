"""What one start of a stack shall be, and whether that makes sense."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.environment import SERVICES
from ops.local.errors import WrongUsageError
from ops.local.supervisor import DELAY_MAX_S
from runtime.settings import Reader, SettingsError
from runtime.vendor_settings import (
    netsuite_account,
    netsuite_connection,
    salesforce_connection,
    salesforce_events,
    trusted_authorities,
)

PLATFORM = ("kafka", "postgres", "sandbox")
PARTS = (*PLATFORM, *SERVICES)
TALK_TO_VENDORS = frozenset({"ingest", "netsuite-writer", "salesforce-writer"})
DEFAULT_STATE = ".tallystick"


def silent(_: str) -> None:
    """For callers who do not want to be told."""


def callers_environment() -> dict[str, str]:
    return dict(os.environ)


def state_directory(named: Path | None, environment: Mapping[str, str]) -> Path:
    """Where a stack keeps everything: as named, else TALLYSTICK_STATE, else .tallystick here."""
    return (named or Path(environment.get("TALLYSTICK_STATE") or DEFAULT_STATE)).absolute()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`only` empty means every part. `extra` is added to the environment of every service, and
    `extra_of` to that of one. `say` gets one line at a time, meant for a person."""

    state: Path
    fresh: bool = False
    only: frozenset[str] = frozenset()
    sandbox: bool = True
    seed: str | None = None
    profile: str | None = None
    environment: Mapping[str, str] = field(default_factory=callers_environment, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    restart_delay_max_s: float = DELAY_MAX_S
    say: Callable[[str], None] = silent

    def wants(self, part: str) -> bool:
        return (part in self.only or not self.only) and (self.sandbox or part != "sandbox")

    @property
    def services(self) -> list[str]:
        return [service for service in SERVICES if self.wants(service)]


def check(options: Options) -> None:
    """Refuse what cannot work before anything is started."""
    if unknown := sorted(options.only - set(PARTS)):
        raise WrongUsageError(
            f"no part is called {', '.join(map(repr, unknown))}; there are: {', '.join(PARTS)}"
        )
    needed = {"kafka": ("KAFKA_BOOTSTRAP",), "postgres": ("TALLYSTICK_SYNC_DSN",)}
    for part, names in needed.items():
        given = any(options.environment.get(name) for name in names)
        if options.services and not options.wants(part) and not given:
            raise WrongUsageError(
                f"{', '.join(options.services)} cannot run without {part}: "
                f"add {part} to --only, or name one that runs with {names[0]}"
            )
    if TALK_TO_VENDORS & set(options.services) and not options.wants("sandbox"):
        _check_vendors(options.environment)


def _check_vendors(environment: Mapping[str, str]) -> None:
    """Every setting that says how to reach the real systems, before anything is started."""
    reader = Reader(environment)
    salesforce_connection(reader)
    salesforce_events(reader)
    netsuite_connection(reader)
    netsuite_account(reader)
    trusted_authorities(reader)
    try:
        reader.finish()
    except SettingsError as error:
        faults = "".join(f"\n    {fault}" for fault in error.faults)
        message = f"the real systems cannot be reached with these settings:{faults}"
        raise WrongUsageError(message) from None
