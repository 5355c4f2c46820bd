"""Everything that may differ between two deployments of this service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "netsuite-writer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    sync_dsn: str = field(repr=False)
    keys_dsn: str = field(repr=False)
    kek_file: Path
    url: str
    """As in https://1234567.suitetalk.api.netsuite.com."""
    client_id: str
    certificate_id: str
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
                "NETSUITE_URL",
                "the account's address, as in https://1234567.suitetalk.api.netsuite.com",
                schemes=("https",),
            ),
            client_id=reader.text(
                "NETSUITE_CLIENT_ID", "the client id of the integration record (OAuth 2.0)"
            ),
            certificate_id=reader.text(
                "NETSUITE_CERTIFICATE_ID", "the certificate id of the client credentials mapping"
            ),
            private_key_file=reader.path(
                "NETSUITE_PRIVATE_KEY_FILE", "the PEM file of the certificate's private key",
                None, True,
            ),
            ca_file=reader.optional_path("TLS_CA_FILE", "a PEM file of trusted certificates", True),
            slots=reader.integer(
                "NETSUITE_WRITER_SLOTS", "calls in flight at once; stay below the account's limit",
                4, at_least=1, at_most=100,
            ),
            timeout_s=reader.number(
                "NETSUITE_WRITER_TIMEOUT_S", "seconds to wait for an answer", 30.0, at_least=0.1,
                at_most=900.0,
            ),
            settle_s=reader.number(
                "NETSUITE_WRITER_SETTLE_S",
                "seconds in which a call without an answer may still be carried out",
                300.0, at_least=0.0, at_most=3600.0,
            ),
            failures_max=reader.integer(
                "NETSUITE_WRITER_FAILURES_MAX",
                "failed attempts of one command before it is parked",
                5, at_least=1, at_most=100,
            ),
        )  # fmt: skip
        reader.finish()
        return settings
