"""Everything that may differ between two deployments of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import CommonSettings, Reader, Stores, common, environment, stores
from runtime.vendor_settings import (
    Patience,
    SalesforceConnection,
    patience,
    salesforce_connection,
    salesforce_currency,
    trusted_authorities,
)

SERVICE = "salesforce-writer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    stores: Stores
    salesforce: SalesforceConnection
    ca_file: Path | None
    slots: int
    timeout_s: float
    patience: Patience
    currency: str
    """Of an org that has one; empty where each record names its own."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """SettingsError names every fault at once."""
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            stores=stores(reader),
            salesforce=salesforce_connection(reader),
            ca_file=trusted_authorities(reader),
            slots=reader.integer(
                "SALESFORCE_WRITER_SLOTS", "calls in flight at once", 2, at_least=1, at_most=25
            ),
            timeout_s=reader.number(
                "SALESFORCE_WRITER_TIMEOUT_S", "seconds to wait for an answer", 60.0, at_least=0.1,
                at_most=600.0,
            ),
            patience=patience(reader, "SALESFORCE_WRITER"),
            currency=salesforce_currency(reader),
        )  # fmt: skip
        reader.finish()
        return settings
