"""Settings: every fault at once, and no secret shown."""

from pathlib import Path

import pytest

from ingest.settings import Settings
from runtime.settings import SettingsError
from runtime.vendor_settings import JwtBearer


def environment(directory: Path) -> dict[str, str]:
    key = directory / "key.pem"
    key.write_text("")
    return {
        "KAFKA_BOOTSTRAP": "localhost:9092",
        "SYNC_DSN": "postgresql://sync",
        "KEYS_DSN": "postgresql://keys",
        "KEK_FILE": str(key),
        "SALESFORCE_URL": "https://acme.my.salesforce.com",
        "SALESFORCE_ORG_ID": "00Dxx0000001gPLEAY",
        "SALESFORCE_CONSUMER_KEY": "a-secret",
        "SALESFORCE_USERNAME": "robot@acme.example",
        "SALESFORCE_PRIVATE_KEY_FILE": str(key),
        "NETSUITE_URL": "https://1234567.suitetalk.api.netsuite.com",
        "NETSUITE_ACCOUNT": "1234567",
        "NETSUITE_CLIENT_ID": "a-secret",
        "NETSUITE_CERTIFICATE_ID": "a-secret",
        "NETSUITE_PRIVATE_KEY_FILE": str(key),
    }


def audience_in(settings: Settings) -> str:
    way = settings.salesforce.connection.sign_in
    assert isinstance(way, JwtBearer)
    return way.audience


def test_what_need_not_be_said_has_a_default(tmp_path: Path) -> None:
    settings = Settings.from_env(environment(tmp_path))
    assert settings.salesforce.events.channel == "/data/ChangeEvents"
    assert settings.salesforce.window_s == 0.005
    assert audience_in(settings) == "https://login.salesforce.com"
    assert settings.netsuite.poll_s == 5.0
    assert settings.netsuite.overlap_s == 300.0
    assert "a-secret" not in repr(settings)


def test_an_org_of_a_sandbox_signs_in_at_its_own_login_host(tmp_path: Path) -> None:
    url = "https://acme--dev.sandbox.my.salesforce.com"
    settings = Settings.from_env(environment(tmp_path) | {"SALESFORCE_URL": url})
    assert audience_in(settings) == "https://test.salesforce.com"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    wrong = {
        "SALESFORCE_URL": "http://acme.my.salesforce.com",
        "SALESFORCE_PRIVATE_KEY_FILE": str(tmp_path / "missing"),
        "NETSUITE_POLL_S": "soon",
        "INGEST_SALESFORCE_BATCH": "101",
        "NETSUITE_ACCOUNT": "",
    }
    with pytest.raises(SettingsError) as error:
        Settings.from_env(environment(tmp_path) | wrong)
    assert len(error.value.faults) == len(wrong)
    for name in wrong:
        assert any(fault.startswith(name) for fault in error.value.faults)
    assert "a-secret" not in str(error.value)
