"""The settings of an installation, out of a local stack's state or out of the environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ops.checks.finding import Area, Finding
from ops.reach import Endpoints, Place
from runtime.settings import Reader, SettingsError, stores
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

OWN_SIGN_IN = {
    "SALESFORCE_SIGN_IN": "",
    "SALESFORCE_CONSUMER_SECRET_FILE": "",
    "SALESFORCE_CERTIFICATE_FILE": "",
    "NETSUITE_CERTIFICATE_FILE": "",
    "NETSUITE_SIGN_IN": "",
    "NETSUITE_TOKEN_SECRET_FILE": "",
}
"""A local stack's stand-ins are entered with keys, however the caller enters the real systems."""

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
    connection: SalesforceConnection
    events: SalesforceEvents
    ca_file: Path | None
    overlay: Path | None
    certificate_file: Path | None
    currency: str
    """Empty where records name their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuite:
    connection: NetSuiteConnection
    account: str
    currency: str
    """Empty where records name their own."""
    slots: int
    ca_file: Path | None
    certificate_file: Path | None


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
    if not found:
        return {}
    return {
        **found,
        "TLS_CA_FILE": endpoints["tls"].get("ca_file"),
        "OUTBOUND_HOSTS": "localhost,127.0.0.1",
        **OWN_SIGN_IN,
    }


def _finding(part: str, fault: str) -> Finding:
    what, _, remedy = fault.rpartition(": give ")
    return Area("settings").wrong(f"{part}: {what}", f"SRE: give {remedy}.")


def _kafka(reader: Reader) -> str:
    return reader.address("KAFKA_BOOTSTRAP", "host:port of one or more Kafka brokers", many=True)


def _databases(reader: Reader) -> Databases:
    own = stores(reader)
    return Databases(
        sync=own.sync_dsn,
        audit_reader=reader.secret("AUDIT_READER_DSN", "the DSN of the event store's reader"),
        audit_writer=reader.secret("AUDIT_DSN", "the DSN of the event store's writer", ""),
        keys=own.keys_dsn,
        kek_file=own.kek_file,
    )


def _salesforce(reader: Reader) -> Salesforce:
    return Salesforce(
        connection=salesforce_connection(reader),
        events=salesforce_events(reader),
        ca_file=trusted_authorities(reader),
        overlay=reader.optional_path(
            "MAPS_OVERLAY_DIR", "a directory with your own map tables, or nothing", must_exist=True
        ),
        certificate_file=_certificate(reader, "SALESFORCE"),
        currency=salesforce_currency(reader),
    )


def _netsuite(reader: Reader) -> NetSuite:
    return NetSuite(
        connection=netsuite_connection(reader),
        account=netsuite_account(reader),
        currency=netsuite_currency(reader),
        slots=reader.integer("NETSUITE_WRITER_SLOTS", "calls in flight at once", 4, at_least=1),
        ca_file=trusted_authorities(reader),
        certificate_file=_certificate(reader, "NETSUITE"),
    )


def _certificate(reader: Reader, system: str) -> Path | None:
    return reader.optional_path(
        f"{system}_CERTIFICATE_FILE", "the certificate of the private key, PEM, or nothing",
        must_exist=True,
    )  # fmt: skip
