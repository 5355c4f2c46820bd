"""Everything that may differ between two deployments of ingest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from runtime.settings import CommonSettings, Reader, common, environment

SERVICE = "ingest"
SANDBOX_HOST = ".sandbox.my.salesforce.com"
LOGIN_AUDIENCE, TEST_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceSettings:
    url: str
    """The org's My Domain."""
    pubsub: str
    pubsub_tls: bool
    org_id: str
    api_version: str
    consumer_key: str = field(repr=False)
    username: str
    private_key_file: Path
    audience: str
    channel: str
    earliest: bool
    """Whether a channel never listened to before begins at its oldest event."""
    readers: int
    window_s: float
    notices_max: int
    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteSettings:
    url: str
    account: str
    client_id: str = field(repr=False)
    certificate_id: str = field(repr=False)
    private_key_file: Path
    poll_s: float
    reference_s: float
    overlap_s: float
    margin_s: float
    lookback_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    sync_dsn: str = field(repr=False)
    keys_dsn: str = field(repr=False)
    kek_file: Path
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
            sync_dsn=reader.secret("SYNC_DSN", "the DSN of the database sync"),
            keys_dsn=reader.secret("KEYS_DSN", "the DSN of the database keys"),
            kek_file=reader.path(
                "KEK_FILE", "the file with the key-encryption key, 32 bytes in base64",
                must_exist=True,
            ),
            ca_file=reader.optional_path(
                "TLS_CA_FILE", "a PEM file of certificate authorities, or nothing",
                must_exist=True,
            ),
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
    url = reader.url("SALESFORCE_URL", "https:// and the org's My Domain", schemes=("https",))
    return SalesforceSettings(
        url=url,
        pubsub=reader.address(
            "SALESFORCE_PUBSUB", "host:port of the Pub/Sub API", "api.pubsub.salesforce.com:7443"
        ),
        pubsub_tls=reader.flag("SALESFORCE_PUBSUB_TLS", "1, or 0 for a stand-in without TLS", True),
        org_id=reader.text("SALESFORCE_ORG_ID", "the org's id, 18 characters"),
        api_version=reader.text("SALESFORCE_API_VERSION", "a version such as 68.0", "68.0"),
        consumer_key=reader.secret("SALESFORCE_CONSUMER_KEY", "the connected app's consumer key"),
        username=reader.text("SALESFORCE_USERNAME", "the integration user's name"),
        private_key_file=reader.path(
            "SALESFORCE_PRIVATE_KEY_FILE", "the connected app's private key, PEM", must_exist=True
        ),
        audience=reader.url(
            "SALESFORCE_AUDIENCE", "the login host that the org belongs to", _audience_of(url)
        ),
        channel=reader.text(
            "INGEST_SALESFORCE_CHANNEL", "a channel such as /data/ChangeEvents",
            "/data/ChangeEvents",
        ),
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
        url=reader.url("NETSUITE_URL", "https:// and the account's SuiteTalk host"),
        account=reader.text("NETSUITE_ACCOUNT", "the account id, such as 1234567 or 1234567_SB1"),
        client_id=reader.secret("NETSUITE_CLIENT_ID", "the integration record's client id"),
        certificate_id=reader.secret("NETSUITE_CERTIFICATE_ID", "the id of our certificate"),
        private_key_file=reader.path(
            "NETSUITE_PRIVATE_KEY_FILE", "the certificate's private key, PEM", must_exist=True
        ),
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
        lookback_s=reader.number(
            "INGEST_NETSUITE_LOOKBACK_S", "how far the very first poll reaches back", 259_200.0,
            at_least=0.0, at_most=31_536_000.0,
        ),
    )  # fmt: skip


def _audience_of(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return TEST_AUDIENCE if host.endswith(SANDBOX_HOST) else LOGIN_AUDIENCE
