"""Each service gets its settings from the stack's endpoints."""

from pathlib import Path
from typing import Any

import pytest

from ops.local.databases import ROLES
from ops.local.environment import BESIDE_A_SANDBOX, Facts, environment_of
from ops.local.errors import WrongUsageError
from ops.local.state import State

SANDBOX: dict[str, dict[str, object]] = {
    "salesforce": {
        "https": "https://localhost:1", "pubsub_tls": "localhost:2", "org_id": "00D",
        "api_version": "68.0", "consumer_key": "key", "username": "sync@example.com",
        "private_key_file": "salesforce.pem",
    },
    "netsuite": {
        "https": "https://localhost:3", "account": "1234567", "client_id": "client",
        "certificate_id": "certificate", "private_key_file": "netsuite.pem",
    },
    "tls": {"ca_file": "ca.pem"},
}  # fmt: skip


def facts(directory: Path, **changes: Any) -> Facts:
    state = State(directory=directory, id="abc")
    state.secrets.mkdir(exist_ok=True)
    dsns = {role: f"dsn of {role}" for roles in ROLES.values() for role in roles}
    known: dict[str, Any] = {
        "state": state, "caller": {}, "bootstrap": "127.0.0.1:9", "dsns": dsns, "sandbox": SANDBOX,
    }  # fmt: skip
    return Facts(**{**known, **changes})


def test_a_service_is_told_where_everything_is(tmp_path: Path) -> None:
    environment = environment_of("netsuite-writer", facts(tmp_path))
    assert environment == {
        "KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "TALLYSTICK_STATE_ID": "abc",
        "GROUP_INSTANCE_ID": "netsuite-writer-0",
        "SYNC_DSN": "dsn of sync_service",
        "KEYS_DSN": "dsn of keys_service",
        "KEK_FILE": str(tmp_path / "secrets" / "kek"),
        "HEALTH_PORT": "0",
        "HEALTH_FILE": str(tmp_path / "health" / "netsuite-writer.json"),
        "PYTHONUNBUFFERED": "1",
        "SALESFORCE_URL": "https://localhost:1",
        "SALESFORCE_PUBSUB": "localhost:2",
        "SALESFORCE_PUBSUB_TLS": "1",
        "SALESFORCE_ORG_ID": "00D",
        "SALESFORCE_API_VERSION": "68.0",
        "SALESFORCE_CONSUMER_KEY": "key",
        "SALESFORCE_USERNAME": "sync@example.com",
        "SALESFORCE_PRIVATE_KEY_FILE": "salesforce.pem",
        "NETSUITE_URL": "https://localhost:3",
        "NETSUITE_ACCOUNT": "1234567",
        "NETSUITE_CLIENT_ID": "client",
        "NETSUITE_CERTIFICATE_ID": "certificate",
        "NETSUITE_PRIVATE_KEY_FILE": "netsuite.pem",
        "TLS_CA_FILE": "ca.pem",
        "OUTBOUND_HOSTS": "localhost,127.0.0.1",
        **BESIDE_A_SANDBOX,
    }


def test_the_caller_sets_the_pace_also_beside_a_sandbox(tmp_path: Path) -> None:
    caller = {"NETSUITE_POLL_S": "3", "NETSUITE_WRITER_SETTLE_S": "60"}
    environment = environment_of("netsuite-writer", facts(tmp_path, caller=caller))
    assert caller.items() <= environment.items()


def test_what_was_meant_for_the_real_systems_does_not_reach_a_stack_with_sandboxes(
    tmp_path: Path,
) -> None:
    caller = {
        "SALESFORCE_URL": "https://acme.my.salesforce.com",
        "NETSUITE_ACCOUNT_NAME": "Acme",
        "NETSUITE_WRITER_SLOTS": "5",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "MAPS_OVERLAY_DIR": "maps",
    }
    environment = environment_of("ingest", facts(tmp_path, caller=caller))
    assert environment["SALESFORCE_URL"] == "https://localhost:1"
    assert "NETSUITE_ACCOUNT_NAME" not in environment
    assert environment["NETSUITE_WRITER_SLOTS"] == "5"
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert environment["MAPS_OVERLAY_DIR"] == "maps"


def test_without_a_sandbox_the_callers_own_settings_hold(tmp_path: Path) -> None:
    caller = {"SALESFORCE_URL": "https://acme.my.salesforce.com", "NETSUITE_ACCOUNT_NAME": "Acme"}
    environment = environment_of("ingest", facts(tmp_path, caller=caller, sandbox={}))
    assert caller.items() <= environment.items()
    assert "NETSUITE_URL" not in environment


def test_a_key_file_that_the_caller_names_is_used_and_none_is_made(tmp_path: Path) -> None:
    environment = environment_of("ingest", facts(tmp_path, caller={"KEK_FILE": "mine"}))
    assert environment["KEK_FILE"] == "mine"
    assert not (tmp_path / "secrets" / "kek").exists()


def test_only_the_auditor_can_enter_the_event_store_and_it_enters_nothing_else(
    tmp_path: Path,
) -> None:
    auditor = environment_of("auditor", facts(tmp_path))
    assert {name: value for name, value in auditor.items() if name.endswith("_DSN")} == {
        "AUDIT_DSN": "dsn of audit_writer",
        "AUDIT_READER_DSN": "dsn of audit_reader",
        "AUDIT_OWNER_DSN": "dsn of audit_owner",
    }


def test_a_sandbox_that_says_too_little_is_named_with_what_is_missing(tmp_path: Path) -> None:
    sandbox = {**SANDBOX, "netsuite": {}}
    with pytest.raises(WrongUsageError, match="NETSUITE_URL, NETSUITE_ACCOUNT"):
        environment_of("ingest", facts(tmp_path, sandbox=sandbox))
