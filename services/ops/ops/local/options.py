"""What one start of a stack shall be, and whether that makes sense."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.environment import SERVICES
from ops.local.errors import WrongUsageError
from ops.local.supervisor import DELAY_MAX_S

PLATFORM = ("kafka", "postgres", "sandbox")
PARTS = (*PLATFORM, *SERVICES)
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
