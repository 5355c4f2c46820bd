"""The settings of an installation, out of a local stack's state or out of the environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ops.checks.finding import Area, Finding
from ops.reach import Endpoints, Place
from runtime.settings import Reader, SettingsError

SANDBOX_HOST = ".sandbox.my.salesforce.com"
LOGIN_AUDIENCE, TEST_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"
VENDOR_NAMES = {
    "salesforce": {
        "SALESFORCE_URL": "https",
        "SALESFORCE_PUBSUB": "pubsub_tls",
        "SALESFORCE_ORG_ID": "org_id",
        "SALESFORCE_API_VERSION": "api_version",
        "SALESFORCE_CONSUMER_KEY": "consumer_key",
        "SALESFORCE_USERNAME": "username",
        "SALESFORCE_PRIVATE_KEY_FILE": "private_key_file",
    },
    "netsuite": {
        "NETSUITE_URL": "https",
        "NETSUITE_ACCOUNT": "account",
        "NETSUITE_CLIENT_ID": "client_id",
        "NETSUITE_CERTIFICATE_ID": "certificate_id",
        "NETSUITE_PRIVATE_KEY_FILE": "private_key_file",
    },
}
"""Setting → its name in a local stack's endpoints."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    sync: str = field(repr=False)
    audit_reader: str = field(repr=False)
    audit_writer: str = field(repr=False)
    """Empty where only the reader is known."""
    keys: str = field(repr=False)
    kek_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Salesforce:
    url: str
    pubsub: str
    pubsub_tls: bool
    org_id: str
    api_version: str
    consumer_key: str = field(repr=False)
    username: str
    private_key_file: Path
    audience: str
    channel: str
    ca_file: Path | None
    overlay: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuite:
    url: str
    account: str
    client_id: str = field(repr=False)
    certificate_id: str = field(repr=False)
    private_key_file: Path
    slots: int
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """None where something of a part is missing or wrong; `findings` then name it."""

    kafka: str | None
    databases: Databases | None
    salesforce: Salesforce | None
    netsuite: NetSuite | None
    findings: tuple[Finding, ...]


def settings_of(place: Place) -> Settings:
    env = environment_of(place)
    findings: list[Finding] = []

    def read(part: str, build: Callable[[Reader], T]) -> T | None:
        reader = Reader(env)
        built = build(reader)
        try:
            reader.finish()
        except SettingsError as error:
            findings.extend(_finding(part, fault) for fault in error.faults)
            return None
        return built

    settings = Settings(
        kafka=read("Kafka", lambda reader: _kafka(reader)),
        databases=read("PostgreSQL", _databases),
        salesforce=read("Salesforce", _salesforce),
        netsuite=read("NetSuite", _netsuite),
        findings=(),
    )
    area = Area("settings")
    complete = [area.well(f"complete, from {place.state or 'the environment'}")]
    return Settings(
        kafka=settings.kafka,
        databases=settings.databases,
        salesforce=settings.salesforce,
        netsuite=settings.netsuite,
        findings=tuple(findings or complete),
    )


def environment_of(place: Place) -> Mapping[str, str]:
    """The settings by their names. A local stack's own parts win over the environment; vendors
    that it has no stand-ins for are those of the environment."""
    if place.state is None:
        return place.environment
    postgres = place.endpoints.get("postgres", {})
    kek_file = place.state / "secrets" / "kek"
    local = {
        "KAFKA_BOOTSTRAP": place.bootstrap,
        "SYNC_DSN": postgres.get("sync"),
        "AUDIT_READER_DSN": postgres.get("audit"),
        "AUDIT_DSN": "",
        "KEYS_DSN": postgres.get("keys"),
        "KEK_FILE": place.environment.get("KEK_FILE") or str(kek_file),
        **_vendors(place.endpoints),
    }
    known = {name: str(value) for name, value in local.items() if value is not None}
    return {**place.environment, **known}


def _vendors(endpoints: Endpoints) -> dict[str, object]:
    found = {
        setting: endpoints[system].get(name)
        for system, names in VENDOR_NAMES.items()
        if system in endpoints
        for setting, name in names.items()
    }
    return {**found, "TLS_CA_FILE": endpoints["tls"].get("ca_file")} if found else {}


def _finding(part: str, fault: str) -> Finding:
    what, _, remedy = fault.rpartition(": give ")
    return Area("settings").wrong(f"{part}: {what}", f"SRE: give {remedy}.")


def _kafka(reader: Reader) -> str:
    return reader.address("KAFKA_BOOTSTRAP", "host:port of one or more Kafka brokers", many=True)


def _databases(reader: Reader) -> Databases:
    return Databases(
        sync=reader.secret("SYNC_DSN", "the DSN of the database sync"),
        audit_reader=reader.secret("AUDIT_READER_DSN", "the DSN of the event store's reader"),
        audit_writer=reader.secret("AUDIT_DSN", "the DSN of the event store's writer", ""),
        keys=reader.secret("KEYS_DSN", "the DSN of the database keys"),
        kek_file=reader.path(
            "KEK_FILE", "the file with the key-encryption key, 32 bytes in base64", must_exist=True
        ),
    )


def _salesforce(reader: Reader) -> Salesforce:
    url = reader.url("SALESFORCE_URL", "https:// and the org's My Domain", schemes=("https",))
    return Salesforce(
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
        ca_file=_ca_file(reader),
        overlay=reader.optional_path(
            "MAPS_OVERLAY_DIR", "a directory with your own map tables, or nothing", must_exist=True
        ),
    )  # fmt: skip


def _netsuite(reader: Reader) -> NetSuite:
    return NetSuite(
        url=reader.url("NETSUITE_URL", "https:// and the account's SuiteTalk host"),
        account=reader.text("NETSUITE_ACCOUNT", "the account id, such as 1234567 or 1234567_SB1"),
        client_id=reader.secret("NETSUITE_CLIENT_ID", "the integration record's client id"),
        certificate_id=reader.secret("NETSUITE_CERTIFICATE_ID", "the id of our certificate"),
        private_key_file=reader.path(
            "NETSUITE_PRIVATE_KEY_FILE", "the certificate's private key, PEM", must_exist=True
        ),
        slots=reader.integer("NETSUITE_WRITER_SLOTS", "calls in flight at once", 4, at_least=1),
        ca_file=_ca_file(reader),
    )


def _ca_file(reader: Reader) -> Path | None:
    return reader.optional_path(
        "TLS_CA_FILE", "a PEM file of certificate authorities, or nothing", must_exist=True
    )


def _audience_of(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return TEST_AUDIENCE if host.endswith(SANDBOX_HOST) else LOGIN_AUDIENCE
