"""How to reach the vendors: one rule for every service, every fault at once."""

from pathlib import Path

import pytest

from runtime.settings import Reader, SettingsError
from runtime.vendor_settings import (
    NetSuiteConnection,
    SalesforceConnection,
    netsuite_connection,
    salesforce_connection,
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
        ("https://localhost:8443", "https://login.salesforce.com"),
    ],
)
def test_an_assertion_is_meant_for_the_login_host_that_the_org_belongs_to(
    tmp_path: Path, url: str, audience: str
) -> None:
    salesforce, _ = read(environment(tmp_path, SALESFORCE_URL=url))
    assert salesforce.audience == audience


def test_another_audience_can_be_set(tmp_path: Path) -> None:
    own = "https://acme.my.site.com"
    salesforce, _ = read(environment(tmp_path, SALESFORCE_AUDIENCE=own))
    assert salesforce.audience == own


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
