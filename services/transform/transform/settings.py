"""Everything that may differ between two deployments of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import CommonSettings, Reader, Stores, common, environment, stores

SERVICE = "transform"
IDENTITIES = ("externalId", "field", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    stores: Stores
    org_id: str
    """Salesforce organisation, 18 characters: part of every external id."""
    maps_overlay: Path | None
    batch_max: int
    sweep_s: float
    """How often to look whether something waits on what holds by now."""
    identity: str
    """Where a customer bears the mark of its account: externalId, field or both."""
    checks_duplicates: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            stores=stores(reader),
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
            identity=reader.choice(
                "IDENTITY_STRATEGY",
                "where a customer bears its account's mark",
                IDENTITIES,
                IDENTITIES[0],
            ),
            checks_duplicates=reader.flag(
                "DUPLICATE_CHECK", "whether an account is compared with all customers first", True
            ),
        )
        if settings.org_id and len(settings.org_id) != 18:
            about = "the organisation's id, 18 characters"
            reader.wrong("SALESFORCE_ORG_ID", about, f"it has {len(settings.org_id)} characters")
        reader.finish()
        return settings
