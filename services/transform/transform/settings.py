"""Everything that may differ between two deployments of this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "transform"
LOST, GONE = ("close", "hold"), ("keep", "inactivate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    sync_dsn: str = field(repr=False)
    org_id: str
    """Salesforce organisation, 18 characters: part of every external id."""
    maps_overlay: Path | None
    batch_max: int
    sweep_s: float
    """How often to look whether something waits on what holds by now."""

    lost_orders: str
    """What becomes of the order of a lost deal: `close` or `hold`."""
    deleted_accounts: str
    """What becomes of the customer of a deleted account: `keep` or `inactivate`."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            sync_dsn=reader.secret("SYNC_DSN", "the DSN of database sync"),
            org_id=reader.text("SALESFORCE_ORG_ID", "the organisation's id, 18 characters"),
            maps_overlay=reader.optional_path(
                "MAPS_OVERLAY_DIR", "a directory of map tables", must_exist=True
            ),
            batch_max=reader.integer(
                "TRANSFORM_BATCH_MAX", "records decided at once", 500, at_least=1, at_most=5_000
            ),
            sweep_s=reader.number(
                "TRANSFORM_SWEEP_S", "seconds between looks at what waits", 30.0, at_least=1.0
            ),
            lost_orders=reader.choice(
                "LOST_ORDERS", "what becomes of the order of a lost deal", LOST, "close"
            ),
            deleted_accounts=reader.choice(
                "DELETED_ACCOUNTS", "what becomes of a deleted account's customer", GONE, "keep"
            ),
        )
        if settings.org_id and len(settings.org_id) != 18:
            about = "the organisation's id, 18 characters"
            reader.wrong("SALESFORCE_ORG_ID", about, f"it has {len(settings.org_id)} characters")
        reader.finish()
        return settings
