"""Everything that may differ between two adoptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.settings import Reader, environment
from runtime.vendor_settings import (
    NetSuiteConnection,
    SalesforceConnection,
    netsuite_account,
    netsuite_connection,
    salesforce_connection,
    trusted_authorities,
)
from transform.domain.facts import Identity

SERVICE = "adopt"
PROPOSE, APPLY = "dry-run", "apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    sync_dsn: str = field(repr=False)
    kek_file: Path
    ca_file: Path | None
    maps_overlay: Path | None
    salesforce: SalesforceConnection
    netsuite: NetSuiteConnection
    org_id: str
    account: str
    channel: str
    """Of Salesforce's change events, as ingest listens to it."""
    identity: Identity
    directory: Path
    """Where the workbook and the proposal stand."""
    mode: str
    processes: int
    slots: int
    """Calls of NetSuite at once."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """SettingsError names every fault at once."""
        reader = Reader(environment() if env is None else env)
        settings = cls(
            sync_dsn=reader.secret("SYNC_DSN", "the DSN of the database sync"),
            kek_file=reader.path(
                "KEK_FILE", "the file with the key-encryption key, 32 bytes in base64",
                must_exist=True,
            ),
            ca_file=trusted_authorities(reader),
            maps_overlay=reader.optional_path(
                "MAPS_OVERLAY_DIR", "a directory of map tables", must_exist=True
            ),
            salesforce=salesforce_connection(reader),
            netsuite=netsuite_connection(reader),
            org_id=reader.text("SALESFORCE_ORG_ID", "the organisation's id, 18 characters"),
            account=netsuite_account(reader),
            channel=reader.text(
                "INGEST_SALESFORCE_CHANNEL", "a channel such as /data/ChangeEvents",
                "/data/ChangeEvents",
            ),
            identity=Identity(
                reader.choice(
                    "IDENTITY_STRATEGY", "where a customer bears its account's mark",
                    tuple(Identity), Identity.EXTERNAL_ID,
                )
            ),
            directory=reader.path("ADOPT_DIRECTORY", "where the proposal is kept"),
            mode=reader.choice("ADOPT_MODE", f"{PROPOSE} or {APPLY}", (PROPOSE, APPLY), PROPOSE),
            processes=reader.integer(
                "ADOPT_PROCESSES", "processes that compare", 2, at_least=1, at_most=64
            ),
            slots=reader.integer(
                "ADOPT_NETSUITE_SLOTS", "calls of NetSuite at once", 3, at_least=1, at_most=50
            ),
        )  # fmt: skip
        reader.finish()
        return settings
