"""How to reach the vendors: one rule for every service, every fault at once."""

from pathlib import Path

import pytest

from runtime.settings import Reader, SettingsError
from runtime.vendor_settings import (
    Certificate,
    ClientSecret,
    JwtBearer,
    NetSuiteConnection,
    SalesforceConnection,
    TokenBased,
    netsuite_connection,
    salesforce_connection,
    salesforce_events,
)


def environment(directory: Path, **other: str) -> dict[str, str]:
    key = directory / "key.pem"
    key.write_text("")
    return {
        "SALESFORCE_URL": "https://acme.my.salesforce.com",
        "SALESFORCE_CONSUMER_KEY": "a-secret",
        "SALESFORCE_USERNAME": "robot@acme.example",
        "SALESFORCE_PRIVATE_KEY_FILE": str(key),
        "NETSUITE_URL": "https://1234567.suitetalk.api.netsuite.com",
        "NETSUITE_CLIENT_ID": "a-secret",
        "NETSUITE_CERTIFICATE_ID": "a-secret",
        "NETSUITE_PRIVATE_KEY_FILE": str(key),
        **other,
    }


def read(env: dict[str, str]) -> tuple[SalesforceConnection, NetSuiteConnection]:
    reader = Reader(env)
    found = salesforce_connection(reader), netsuite_connection(reader)
    reader.finish()
    return found


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com:443/", "https://test.salesforce.com"),
    ],
)
def test_an_assertion_is_meant_for_the_login_host_that_the_org_belongs_to(
    tmp_path: Path, url: str, audience: str
) -> None:
    salesforce, _ = read(environment(tmp_path, SALESFORCE_URL=url))
    assert isinstance(salesforce.sign_in, JwtBearer)
    assert salesforce.sign_in.audience == audience


def test_another_audience_can_be_set(tmp_path: Path) -> None:
    own = "https://acme.my.site.com"
    salesforce, _ = read(environment(tmp_path, SALESFORCE_AUDIENCE=own))
    assert isinstance(salesforce.sign_in, JwtBearer)
    assert salesforce.sign_in.audience == own


def test_every_fault_is_named_at_once_and_no_secret_is_shown(tmp_path: Path) -> None:
    wrong = {
        "SALESFORCE_URL": "https://[acme",
        "SALESFORCE_API_VERSION": "latest",
        "SALESFORCE_AUDIENCE": "login",
        "NETSUITE_URL": "http://1234567.suitetalk.api.netsuite.com",
        "NETSUITE_PRIVATE_KEY_FILE": str(tmp_path / "missing"),
    }
    with pytest.raises(SettingsError) as error:
        read(environment(tmp_path, **wrong))
    assert [fault.partition(":")[0] for fault in error.value.faults] == list(wrong)
    assert "a-secret" not in repr(read(environment(tmp_path)))


def test_salesforce_may_be_entered_with_the_apps_secret(tmp_path: Path) -> None:
    env = environment(
        tmp_path,
        SALESFORCE_SIGN_IN="client-credentials",
        SALESFORCE_CONSUMER_SECRET_FILE=str(tmp_path / "key.pem"),
        SALESFORCE_PRIVATE_KEY_FILE="",
        SALESFORCE_USERNAME="",
    )
    assert isinstance(read(env)[0].sign_in, ClientSecret)
    assert isinstance(read(environment(tmp_path))[1].sign_in, Certificate)


def test_netsuite_may_be_entered_with_a_token(tmp_path: Path) -> None:
    own = {
        "NETSUITE_SIGN_IN": "token",
        "NETSUITE_ACCOUNT": "1234567_SB1",
        "NETSUITE_CONSUMER_KEY": "a-secret",
        "NETSUITE_CONSUMER_SECRET_FILE": str(tmp_path / "key.pem"),
        "NETSUITE_TOKEN_ID": "a-secret",
        "NETSUITE_TOKEN_SECRET_FILE": str(tmp_path / "key.pem"),
        "NETSUITE_PRIVATE_KEY_FILE": "",
    }
    netsuite = read(environment(tmp_path, **own))[1]
    assert isinstance(netsuite.sign_in, TokenBased)
    assert "a-secret" not in repr(netsuite)
    missing = dict.fromkeys(own, "") | {"NETSUITE_SIGN_IN": "token"}
    with pytest.raises(SettingsError) as error:
        read(environment(tmp_path, **missing))
    assert {fault.partition(" ")[0] for fault in error.value.faults} == own.keys() - {
        "NETSUITE_SIGN_IN",
        "NETSUITE_PRIVATE_KEY_FILE",
    }


def test_settings_that_say_the_opposite_of_each_other_are_named(tmp_path: Path) -> None:
    both = {
        "SALESFORCE_CONSUMER_SECRET_FILE": str(tmp_path / "key.pem"),
        "NETSUITE_TOKEN_SECRET_FILE": str(tmp_path / "key.pem"),
    }
    with pytest.raises(SettingsError) as error:
        read(environment(tmp_path, **both))
    assert [fault.partition(":")[0] for fault in error.value.faults] == list(both)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALESFORCE_URL", "https://acme.example.com"),
        ("SALESFORCE_URL", "https://acme.my.salesforce.com/services"),
        ("SALESFORCE_PUBSUB", "api.pubsub.example.com:7443"),
        ("NETSUITE_URL", "https://10.0.0.1"),
        ("NETSUITE_URL", "https://acme.my.salesforce.com"),
    ],
)
def test_an_address_elsewhere_is_a_fault_unless_its_host_is_named(
    tmp_path: Path, name: str, value: str
) -> None:
    env = environment(tmp_path, SALESFORCE_ORG_ID="00D", **{name: value})
    assert [fault.partition(":")[0] for fault in faults_of(env)] == [name]
    hosts = "acme.example.com,api.pubsub.example.com, 10.0.0.1,acme.my.salesforce.com"
    left = faults_of(env | {"OUTBOUND_HOSTS": hosts})
    assert len(left) == value.endswith("/services")


def faults_of(env: dict[str, str]) -> tuple[str, ...]:
    reader = Reader(env)
    salesforce_connection(reader), salesforce_events(reader), netsuite_connection(reader)
    try:
        reader.finish()
    except SettingsError as error:
        return error.faults
    return ()


def test_plain_http_is_a_fault_unless_two_settings_say_so(tmp_path: Path) -> None:
    plain = environment(tmp_path, NETSUITE_URL="http://localhost:1", OUTBOUND_HOSTS="localhost")
    with pytest.raises(SettingsError, match="NETSUITE_URL"):
        read(plain)
    assert read(plain | {"OUTBOUND_PLAIN_HTTP": "1"})[1].url == "http://localhost:1"
