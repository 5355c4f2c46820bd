"""Everything that may differ between two deployments of ingest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import CommonSettings, Reader, Stores, common, environment, stores
from runtime.vendor_settings import (
    NetSuiteConnection,
    SalesforceConnection,
    SalesforceEvents,
    netsuite_account,
    netsuite_connection,
    netsuite_currency,
    salesforce_connection,
    salesforce_currency,
    salesforce_events,
    trusted_authorities,
)

SERVICE = "ingest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceSettings:
    connection: SalesforceConnection
    events: SalesforceEvents
    currency: str
    """Of an org that has one; empty where each record names its own."""
    earliest: bool
    """Whether a channel never listened to before begins at its oldest event."""
    readers: int
    window_s: float
    notices_max: int
    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteSettings:
    connection: NetSuiteConnection
    account: str
    currency: str
    """Of an account that has one; empty where it has many."""
    poll_s: float
    reference_s: float
    overlap_s: float
    margin_s: float
    again_s: float
    """How often a record is read whose minute is not over: a second change does not show."""
    lookback_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    stores: Stores
    ca_file: Path | None
    maps_overlay: Path | None
    salesforce: SalesforceSettings
    netsuite: NetSuiteSettings

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """SettingsError names every fault at once."""
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            stores=stores(reader),
            ca_file=trusted_authorities(reader),
            maps_overlay=reader.optional_path(
                "MAPS_OVERLAY_DIR", "a directory with your own map tables, or nothing",
                must_exist=True,
            ),
            salesforce=_salesforce(reader),
            netsuite=_netsuite(reader),
        )  # fmt: skip
        reader.finish()
        return settings


def _salesforce(reader: Reader) -> SalesforceSettings:
    return SalesforceSettings(
        connection=salesforce_connection(reader),
        events=salesforce_events(reader),
        currency=salesforce_currency(reader),
        earliest=reader.choice(
            "INGEST_SALESFORCE_START", "where a new channel begins", ("earliest", "latest"),
            "earliest",
        ) == "earliest",
        readers=reader.integer(
            "INGEST_SALESFORCE_READERS", "how many queries run at once", 4, at_least=1, at_most=25
        ),
        window_s=reader.number(
            "INGEST_SALESFORCE_WINDOW_S", "how long a notice waits for company", 0.005,
            at_least=0.0, at_most=10.0,
        ),
        notices_max=reader.integer(
            "INGEST_SALESFORCE_NOTICES_MAX", "how many notices may wait in memory", 2_000,
            at_least=1, at_most=100_000,
        ),
        batch=reader.integer(
            "INGEST_SALESFORCE_BATCH", "how many events are asked for at a time", 50,
            at_least=1, at_most=100,
        ),
    )  # fmt: skip


def _netsuite(reader: Reader) -> NetSuiteSettings:
    return NetSuiteSettings(
        connection=netsuite_connection(reader),
        account=netsuite_account(reader),
        currency=netsuite_currency(reader),
        poll_s=reader.number(
            "NETSUITE_POLL_S", "seconds between two polls", 5.0, at_least=0.1, at_most=3_600.0
        ),
        reference_s=reader.number(
            "INGEST_NETSUITE_REFERENCE_S", "seconds between two polls of reference data", 300.0,
            at_least=1.0, at_most=86_400.0,
        ),
        overlap_s=reader.number(
            "INGEST_NETSUITE_OVERLAP_S", "how far a poll reaches back behind the last one", 300.0,
            at_least=60.0, at_most=86_400.0,
        ),
        margin_s=reader.number(
            "INGEST_NETSUITE_MARGIN_S", "how long after its minute a record is read once more",
            30.0, at_least=0.0, at_most=3_600.0,
        ),
        again_s=reader.number(
            "INGEST_NETSUITE_AGAIN_S", "seconds between two readings of a record in its minute",
            5.0, at_least=0.0, at_most=60.0,
        ),
        lookback_s=reader.number(
            "INGEST_NETSUITE_LOOKBACK_S", "how far the very first poll reaches back", 259_200.0,
            at_least=0.0, at_most=31_536_000.0,
        ),
    )  # fmt: skip
