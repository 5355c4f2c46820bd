"""How to reach the vendors: the settings that every caller of one of them reads alike."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from runtime.hosts import NETSUITE_HOSTS, SALESFORCE_HOSTS, Hosts
from runtime.settings import Reader

SANDBOX_HOST = ".sandbox.my.salesforce.com"
LOGIN_AUDIENCE, TEST_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"
VERSION = re.compile(r"^\d{2,3}\.0$")
CURRENCY = re.compile(r"^[A-Z]{3}$")


JWT, SECRET = "jwt", "client-credentials"
CERTIFICATE, TOKEN = "certificate", "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtBearer:
    """A signed assertion that says in whose name we come."""

    username: str
    private_key_file: Path
    audience: str
    """Whom the assertion is meant for: the login host that the org belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """The app's own secret; the app says in whose name it comes."""

    consumer_secret_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceConnection:
    url: str
    """The org's My Domain, as in https://acme.my.salesforce.com."""
    api_version: str
    consumer_key: str = field(repr=False)
    sign_in: JwtBearer | ClientSecret
    hosts: Hosts


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceEvents:
    """Where change events are listened to, and as whom."""

    pubsub: str
    pubsub_tls: bool
    org_id: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """OAuth 2.0 client credentials: machine to machine."""

    client_id: str = field(repr=False)
    certificate_id: str = field(repr=False)
    private_key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBased:
    """Token-based authentication: every call is signed. New integrations end with 2027.1."""

    account: str
    consumer_key: str = field(repr=False)
    consumer_secret_file: Path
    token_id: str = field(repr=False)
    token_secret_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteConnection:
    url: str
    """As in https://1234567.suitetalk.api.netsuite.com."""
    sign_in: Certificate | TokenBased
    hosts: Hosts


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
    hosts = _hosts(reader, SALESFORCE_HOSTS)
    about = "the org's My Domain, as in https://acme.my.salesforce.com"
    url = _vendor_url(reader, "SALESFORCE_URL", about, hosts)
    return SalesforceConnection(
        url=url,
        api_version=_api_version(reader),
        consumer_key=reader.secret(
            "SALESFORCE_CONSUMER_KEY", "the consumer key of the connected app"
        ),
        sign_in=_salesforce_sign_in(reader, url),
        hosts=hosts,
    )


def _salesforce_sign_in(reader: Reader, url: str) -> JwtBearer | ClientSecret:
    chosen = reader.choice(
        "SALESFORCE_SIGN_IN", f"how to sign in, {JWT} or {SECRET}", (JWT, SECRET), JWT
    )
    secret, key = "SALESFORCE_CONSUMER_SECRET_FILE", "SALESFORCE_PRIVATE_KEY_FILE"
    if chosen == SECRET:
        _refuse(reader, key, f"SALESFORCE_SIGN_IN is {SECRET}, which takes no key")
        about = "a file with the app's consumer secret"
        return ClientSecret(consumer_secret_file=reader.path(secret, about, must_exist=True))
    _refuse(reader, secret, f"SALESFORCE_SIGN_IN is {JWT}, which takes no secret")
    return JwtBearer(
        username=reader.text("SALESFORCE_USERNAME", "the integration user's name"),
        private_key_file=reader.path(key, "the connected app's private key, PEM", must_exist=True),
        audience=reader.url(
            "SALESFORCE_AUDIENCE", "the login host that the org belongs to", audience_of(url)
        ),
    )


def audience_of(url: str) -> str:
    """The login host of the org at this address, where none is set."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return TEST_AUDIENCE if host.endswith(SANDBOX_HOST) else LOGIN_AUDIENCE


def salesforce_events(reader: Reader) -> SalesforceEvents:
    about = "host:port of the Pub/Sub API"
    address = reader.address("SALESFORCE_PUBSUB", about, "api.pubsub.salesforce.com:7443")
    is_tls = reader.flag("SALESFORCE_PUBSUB_TLS", "1, or 0 for a stand-in without TLS", True)
    url = f"{'https' if is_tls else 'http'}://{address}"
    if fault := _hosts(reader, SALESFORCE_HOSTS).fault_of(url):
        reader.wrong("SALESFORCE_PUBSUB", about, fault)
    return SalesforceEvents(
        pubsub=address,
        pubsub_tls=is_tls,
        org_id=reader.text("SALESFORCE_ORG_ID", "the org's id, 18 characters"),
        channel=reader.text(
            "INGEST_SALESFORCE_CHANNEL", "a channel such as /data/ChangeEvents",
            "/data/ChangeEvents",
        ),
    )  # fmt: skip


def netsuite_connection(reader: Reader) -> NetSuiteConnection:
    hosts = _hosts(reader, NETSUITE_HOSTS)
    about = "the account's SuiteTalk host, as in https://1234567.suitetalk.api.netsuite.com"
    return NetSuiteConnection(
        url=_vendor_url(reader, "NETSUITE_URL", about, hosts),
        sign_in=_netsuite_sign_in(reader),
        hosts=hosts,
    )


def _netsuite_sign_in(reader: Reader) -> Certificate | TokenBased:
    chosen = reader.choice(
        "NETSUITE_SIGN_IN", f"how to sign in, {CERTIFICATE} or {TOKEN}",
        (CERTIFICATE, TOKEN), CERTIFICATE,
    )  # fmt: skip
    key, secret = "NETSUITE_PRIVATE_KEY_FILE", "NETSUITE_TOKEN_SECRET_FILE"
    if chosen == CERTIFICATE:
        _refuse(reader, secret, f"NETSUITE_SIGN_IN is {CERTIFICATE}, which takes no token")
        return Certificate(
            client_id=reader.secret(
                "NETSUITE_CLIENT_ID", "the client id of the integration record (OAuth 2.0)"
            ),
            certificate_id=reader.secret(
                "NETSUITE_CERTIFICATE_ID", "the certificate id of the client credentials mapping"
            ),
            private_key_file=reader.path(
                key, "the certificate's private key, PEM", must_exist=True
            ),
        )
    _refuse(reader, key, f"NETSUITE_SIGN_IN is {TOKEN}, which takes no certificate")
    return TokenBased(
        account=netsuite_account(reader),
        consumer_key=reader.secret(
            "NETSUITE_CONSUMER_KEY", "the consumer key of the integration record"
        ),
        consumer_secret_file=reader.path(
            "NETSUITE_CONSUMER_SECRET_FILE", "a file with the consumer secret", must_exist=True
        ),
        token_id=reader.secret("NETSUITE_TOKEN_ID", "the id of the integration's access token"),
        token_secret_file=reader.path(secret, "a file with the token's secret", must_exist=True),
    )


def salesforce_currency(reader: Reader) -> str:
    """Of an org that has one; empty where each record names its own."""
    return _currency(reader, "SALESFORCE_CURRENCY", "the code of the org's one currency, as USD")


def netsuite_currency(reader: Reader) -> str:
    """Of an account that has one, whose records do not say it; empty where it has many."""
    return _currency(reader, "NETSUITE_CURRENCY", "the code of the account's one currency, as USD")


def _currency(reader: Reader, name: str, about: str) -> str:
    code = reader.text(name, about, "")
    if code and not CURRENCY.match(code):
        reader.wrong(name, about, f"'{code[:20]}' is not a code of three capital letters")
    return code


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


def _hosts(reader: Reader, vendor: tuple[str, ...]) -> Hosts:
    named = reader.text(
        "OUTBOUND_HOSTS", "names of test systems that may be spoken to beside the vendors", ""
    )
    plain = reader.flag(
        "OUTBOUND_PLAIN_HTTP", "1 to speak without TLS to hosts of OUTBOUND_HOSTS, else 0", False
    )
    names = frozenset(name.strip().lower() for name in named.split(",") if name.strip())
    return Hosts(vendor=vendor, named=names, plain=plain)


def _vendor_url(reader: Reader, name: str, about: str, hosts: Hosts) -> str:
    url = reader.url(name, about, schemes=("https", "http") if hosts.plain else ("https",))
    if reader.is_faulty(name):
        return url
    if "/" in url.partition("://")[2]:
        reader.wrong(name, about, "it has a path behind the host")
    elif fault := hosts.fault_of(url):
        reader.wrong(name, about, fault)
    return url.lower()


def _refuse(reader: Reader, name: str, why: str) -> None:
    """Name a setting that says the opposite of another one."""
    if reader.optional_path(name, ""):
        reader.wrong(name, "one of the two", why)
