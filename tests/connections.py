"""Connections of our own to the stand-ins, as settings would make them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from netsuite_writer.adapters.rest import RestNetSuite
from runtime.clock import Clock
from runtime.fetching import open_fetching
from runtime.hosts import NETSUITE_HOSTS, SALESFORCE_HOSTS, Hosts
from runtime.netsuite_sign_in import netsuite_access, netsuite_calls
from runtime.salesforce_sign_in import SalesforceSignIn, salesforce_calls
from runtime.telemetry import open_telemetry
from runtime.tokens import HeldToken
from runtime.vendor_calls import VendorCalls
from runtime.vendor_settings import (
    Certificate,
    ClientSecret,
    JwtBearer,
    NetSuiteConnection,
    SalesforceConnection,
    TokenBased,
)
from salesforce_writer.adapters.collections import SalesforceCollections

HERE = frozenset({"localhost", "127.0.0.1"})
LOGIN = "https://login.salesforce.com"
TIMEOUT_S = 5.0
Told = Mapping[str, Any]
"""What the stand-ins' endpoints say of one system."""


def org_of(told: Told, **wrong: str) -> SalesforceConnection:
    """By a signed assertion. `wrong` replaces what is told; `audience` may be among it."""
    told = {**told, **wrong}
    way = JwtBearer(
        username=told["username"],
        private_key_file=Path(told["private_key_file"]),
        audience=told.get("audience", LOGIN),
    )
    return connection_to(told, way)


def org_by_secret(told: Told, directory: Path, **wrong: str) -> SalesforceConnection:
    """By client credentials; the secret goes into a file of this directory."""
    told = {**told, **wrong}
    path = directory / "consumer-secret"
    path.write_text(f"{told['consumer_secret']}\n")
    return connection_to(told, ClientSecret(consumer_secret_file=path))


def connection_to(told: Told, way: JwtBearer | ClientSecret) -> SalesforceConnection:
    return SalesforceConnection(
        url=told["https"],
        api_version=told["api_version"],
        consumer_key=told["consumer_key"],
        sign_in=way,
        hosts=Hosts(vendor=SALESFORCE_HOSTS, named=HERE),
    )


def account_of(told: Told, **wrong: str) -> NetSuiteConnection:
    """By a certificate."""
    told = {**told, **wrong}
    way = Certificate(
        client_id=told["client_id"],
        certificate_id=told["certificate_id"],
        private_key_file=Path(told["private_key_file"]),
    )
    return books_at(told, way)


def account_by_token(told: Told, directory: Path, **wrong: str) -> NetSuiteConnection:
    """By a signature of each call; the secrets go into files of this directory."""
    told = {**told, **wrong}
    consumer, token = directory / "consumer-secret", directory / "token-secret"
    consumer.write_text(told["consumer_secret"])
    token.write_text(told["token_secret"])
    way = TokenBased(
        account=told["account"],
        consumer_key=told["consumer_key"],
        consumer_secret_file=consumer,
        token_id=told["token_id"],
        token_secret_file=token,
    )
    return books_at(told, way)


def books_at(told: Told, way: Certificate | TokenBased) -> NetSuiteConnection:
    hosts = Hosts(vendor=NETSUITE_HOSTS, named=HERE)
    return NetSuiteConnection(url=told["https"], sign_in=way, hosts=hosts)


@asynccontextmanager
async def netsuite_at(
    there: NetSuiteConnection, ca_file: Path | str | None
) -> AsyncIterator[VendorCalls]:
    trusted = Path(ca_file) if ca_file else None
    async with open_fetching("NetSuite", there.hosts, ca_file=trusted, connections=5) as fetching:
        access = netsuite_access(fetching, Clock(), there)
        yield netsuite_calls(fetching, access, open_telemetry("test", "0"), there)


@asynccontextmanager
async def salesforce_at(
    org: SalesforceConnection, ca_file: Path | str | None
) -> AsyncIterator[tuple[VendorCalls, HeldToken]]:
    trusted = Path(ca_file) if ca_file else None
    async with open_fetching("Salesforce", org.hosts, ca_file=trusted, connections=5) as fetching:
        tokens = HeldToken(SalesforceSignIn(fetching, Clock(), org), Clock())
        yield salesforce_calls(fetching, tokens, open_telemetry("test", "0"), org), tokens


def netsuite_writer(calls: VendorCalls, timeout_s: float = TIMEOUT_S) -> RestNetSuite:
    return RestNetSuite(calls, calls, open_telemetry("test", "0"), timeout_s)


def salesforce_writer(calls: VendorCalls, timeout_s: float = TIMEOUT_S) -> SalesforceCollections:
    return SalesforceCollections(
        calls, open_telemetry("test", "0"), version="68.0", slots=2, timeout_s=timeout_s
    )
