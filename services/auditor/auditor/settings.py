"""Everything that may differ between two deployments of the auditor."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "auditor"
DSN = "postgresql://user:password@host/audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    writer_dsn: str = field(repr=False)
    reader_dsn: str = field(repr=False)
    owner_dsn: str = field(repr=False)
    """Empty where the tables are made by somebody else."""
    batch_max: int
    """Records stored in one transaction."""


def settings_of(env: Mapping[str, str]) -> Settings:
    reader = Reader(env)
    settings = Settings(
        common=common(reader, SERVICE),
        writer_dsn=reader.secret("AUDIT_DSN", f"the DSN of a role that may insert, {DSN}"),
        reader_dsn=reader.secret("AUDIT_READER_DSN", f"the DSN of a role that may select, {DSN}"),
        owner_dsn=reader.secret("AUDIT_OWNER_DSN", f"the DSN of the tables' owner, {DSN}", ""),
        batch_max=reader.integer(
            "AUDITOR_BATCH_MAX", "records to store at once", 1_000, at_least=1, at_most=20_000
        ),
    )
    reader.finish()
    return settings


def settings_from_environment() -> Settings:
    return settings_of(environment())
