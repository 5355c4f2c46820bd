"""Everything that may differ between two deployments of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import CommonSettings, Reader, Stores, common, environment, stores
from runtime.vendor_settings import (
    NetSuiteConnection,
    Patience,
    netsuite_connection,
    patience,
    trusted_authorities,
)

SERVICE = "netsuite-writer"
BACKFILL_PERCENT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    stores: Stores
    netsuite: NetSuiteConnection
    ca_file: Path | None
    slots: int
    timeout_s: float
    patience: Patience

    @property
    def backfill_slots(self) -> int:
        """At most 40 % of the slots, and one at least."""
        return max(1, self.slots * BACKFILL_PERCENT // 100)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """SettingsError names every fault at once."""
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            stores=stores(reader),
            netsuite=netsuite_connection(reader),
            ca_file=trusted_authorities(reader),
            slots=reader.integer(
                "NETSUITE_WRITER_SLOTS", "calls in flight at once; stay below the account's limit",
                4, at_least=1, at_most=100,
            ),
            timeout_s=reader.number(
                "NETSUITE_WRITER_TIMEOUT_S", "seconds to wait for an answer", 30.0, at_least=0.1,
                at_most=900.0,
            ),
            patience=patience(reader, "NETSUITE_WRITER"),
        )  # fmt: skip
        reader.finish()
        return settings
