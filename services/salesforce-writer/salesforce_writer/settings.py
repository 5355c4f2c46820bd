"""Everything that may differ between two deployments of this service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "salesforce-writer"
VERSION = re.compile(r"^\d{2,3}\.0$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    sync_dsn: str = field(repr=False)
    keys_dsn: str = field(repr=False)
    kek_file: Path
    url: str
    """The org's own address, as in https://acme.my.salesforce.com."""
    api_version: str
    consumer_key: str = field(repr=False)
    username: str
    private_key_file: Path
    ca_file: Path | None
    slots: int
    timeout_s: float
    settle_s: float
    failures_max: int

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """SettingsError names every fault at once."""
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            sync_dsn=reader.secret("SYNC_DSN", "the DSN of the database sync"),
            keys_dsn=reader.secret("KEYS_DSN", "the DSN of the database keys"),
            kek_file=reader.path("KEK_FILE", "the file of the key-encryption key", None, True),
            url=reader.url(
                "SALESFORCE_URL",
                "the org's own address, as in https://acme.my.salesforce.com",
                schemes=("https",),
            ),
            api_version=_api_version(reader),
            consumer_key=reader.secret(
                "SALESFORCE_CONSUMER_KEY", "the consumer key of the connected app"
            ),
            username=reader.text("SALESFORCE_USERNAME", "the integration user's name"),
            private_key_file=reader.path(
                "SALESFORCE_PRIVATE_KEY_FILE", "the PEM file of the connected app's private key",
                None, True,
            ),
            ca_file=reader.optional_path("TLS_CA_FILE", "a PEM file of trusted certificates", True),
            slots=reader.integer(
                "SALESFORCE_WRITER_SLOTS", "calls in flight at once", 2, at_least=1, at_most=25
            ),
            timeout_s=reader.number(
                "SALESFORCE_WRITER_TIMEOUT_S", "seconds to wait for an answer", 60.0, at_least=0.1,
                at_most=600.0,
            ),
            settle_s=reader.number(
                "SALESFORCE_WRITER_SETTLE_S",
                "seconds in which a call without an answer may still be carried out",
                300.0, at_least=0.0, at_most=3600.0,
            ),
            failures_max=reader.integer(
                "SALESFORCE_WRITER_FAILURES_MAX",
                "failed attempts of one command before it is parked",
                5, at_least=1, at_most=100,
            ),
        )  # fmt: skip
        reader.finish()
        return settings


def _api_version(reader: Reader) -> str:
    name, about = "SALESFORCE_API_VERSION", "the version of Salesforce's API, as in 68.0"
    version = reader.text(name, about, "68.0")
    if not VERSION.match(version):
        reader.wrong(name, about, f"'{version[:20]}' is not a version")
    return version
