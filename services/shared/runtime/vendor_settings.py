"""How to reach the vendors: the settings that every caller of one of them reads alike."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from runtime.settings import Reader

SANDBOX_HOST = ".sandbox.my.salesforce.com"
LOGIN_AUDIENCE, TEST_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"
VERSION = re.compile(r"^\d{2,3}\.0$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceConnection:
    url: str
    """The org's My Domain, as in https://acme.my.salesforce.com."""
    api_version: str
    consumer_key: str = field(repr=False)
    username: str
    private_key_file: Path
    audience: str
    """Whom a signed assertion is meant for: the login host that the org belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceEvents:
    """Where change events are listened to, and as whom."""

    pubsub: str
    pubsub_tls: bool
    org_id: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteConnection:
    url: str
    """As in https://1234567.suitetalk.api.netsuite.com."""
    client_id: str = field(repr=False)
    certificate_id: str = field(repr=False)
    private_key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Of a writer with a vendor that does not say how a call ended."""

    settle_s: float
    """How long after a call without an answer the vendor may still carry it out."""
    failures_max: int
    """Attempts found not to have worked before a person is asked."""
    fresh_s: float = 2.0
    """After this long a command is no longer taken for the newest: the log is asked again."""


def salesforce_connection(reader: Reader) -> SalesforceConnection:
    url = reader.url(
        "SALESFORCE_URL",
        "the org's My Domain, as in https://acme.my.salesforce.com",
        schemes=("https",),
    )
    return SalesforceConnection(
        url=url,
        api_version=_api_version(reader),
        consumer_key=reader.secret(
            "SALESFORCE_CONSUMER_KEY", "the consumer key of the connected app"
        ),
        username=reader.text("SALESFORCE_USERNAME", "the integration user's name"),
        private_key_file=reader.path(
            "SALESFORCE_PRIVATE_KEY_FILE", "the connected app's private key, PEM", must_exist=True
        ),
        audience=reader.url(
            "SALESFORCE_AUDIENCE", "the login host that the org belongs to", audience_of(url)
        ),
    )


def audience_of(url: str) -> str:
    """The login host of the org at this address, where none is set."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return TEST_AUDIENCE if host.endswith(SANDBOX_HOST) else LOGIN_AUDIENCE


def salesforce_events(reader: Reader) -> SalesforceEvents:
    return SalesforceEvents(
        pubsub=reader.address(
            "SALESFORCE_PUBSUB", "host:port of the Pub/Sub API", "api.pubsub.salesforce.com:7443"
        ),
        pubsub_tls=reader.flag("SALESFORCE_PUBSUB_TLS", "1, or 0 for a stand-in without TLS", True),
        org_id=reader.text("SALESFORCE_ORG_ID", "the org's id, 18 characters"),
        channel=reader.text(
            "INGEST_SALESFORCE_CHANNEL", "a channel such as /data/ChangeEvents",
            "/data/ChangeEvents",
        ),
    )  # fmt: skip


def netsuite_connection(reader: Reader) -> NetSuiteConnection:
    return NetSuiteConnection(
        url=reader.url(
            "NETSUITE_URL",
            "the account's SuiteTalk host, as in https://1234567.suitetalk.api.netsuite.com",
            schemes=("https",),
        ),
        client_id=reader.secret(
            "NETSUITE_CLIENT_ID", "the client id of the integration record (OAuth 2.0)"
        ),
        certificate_id=reader.secret(
            "NETSUITE_CERTIFICATE_ID", "the certificate id of the client credentials mapping"
        ),
        private_key_file=reader.path(
            "NETSUITE_PRIVATE_KEY_FILE", "the certificate's private key, PEM", must_exist=True
        ),
    )


def netsuite_account(reader: Reader) -> str:
    return reader.text("NETSUITE_ACCOUNT", "the account id, such as 1234567 or 1234567_SB1")


def patience(reader: Reader, writer: str) -> Patience:
    """`writer` starts the names: NETSUITE_WRITER_SETTLE_S, NETSUITE_WRITER_FAILURES_MAX."""
    return Patience(
        settle_s=reader.number(
            f"{writer}_SETTLE_S",
            "seconds in which a call without an answer may still be carried out",
            300.0, at_least=0.0, at_most=3600.0,
        ),
        failures_max=reader.integer(
            f"{writer}_FAILURES_MAX", "failed attempts of one command before it is parked", 5,
            at_least=1, at_most=100,
        ),
    )  # fmt: skip


def trusted_authorities(reader: Reader) -> Path | None:
    """The file by which TLS of both vendors is checked; None for the machine's own."""
    return reader.optional_path(
        "TLS_CA_FILE", "a PEM file of certificate authorities, or nothing", must_exist=True
    )


def _api_version(reader: Reader) -> str:
    name, about = "SALESFORCE_API_VERSION", "the version of Salesforce's API, as in 68.0"
    version = reader.text(name, about, "68.0")
    if not VERSION.match(version):
        reader.wrong(name, about, f"'{version[:20]}' is not a version")
    return version
