"""The environment that each service of a stack gets, derived from the stack's endpoints."""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.errors import WrongUsageError
from ops.local.state import State, write_whole

SERVICES = ("ingest", "transform", "netsuite-writer", "salesforce-writer", "auditor")
BESIDE_A_SANDBOX = {
    "NETSUITE_POLL_S": "1",
    "NETSUITE_WRITER_SETTLE_S": "5",
    "SALESFORCE_WRITER_SETTLE_S": "5",
}
"""A sandbox answers at once or not at all; what the caller sets wins."""

VENDOR = re.compile(r"(SALESFORCE|NETSUITE)_(?!WRITER_|POLL_S$)")
"""Names of settings that say which real system is meant and how to enter it."""

WORKING_DSNS = {"SYNC_DSN": "sync_service", "KEYS_DSN": "keys_service"}
AUDIT_DSNS = {
    "AUDIT_DSN": "audit_writer",
    "AUDIT_READER_DSN": "audit_reader",
    "AUDIT_OWNER_DSN": "audit_owner",
}
"""The auditor makes its tables itself, as their owner; what it stores it can only add."""

KEY_BYTES = 32

Endpoints = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when the platform is up. `sandbox` is empty when none was started; then the
    vendors' settings are the caller's own. `caller` is the environment of whoever starts us."""

    state: State
    caller: Mapping[str, str] = field(repr=False)
    bootstrap: str
    dsns: Mapping[str, str] = field(repr=False)
    sandbox: Endpoints = field(repr=False)


def environment_of(service: str, facts: Facts) -> dict[str, str]:
    """All settings of one service."""
    vendors = _vendors(facts.sandbox) if facts.sandbox else {}
    roles = AUDIT_DSNS if service == "auditor" else WORKING_DSNS
    return {
        **(BESIDE_A_SANDBOX if facts.sandbox else {}),
        **_inherited(facts.caller, is_sandboxed=bool(facts.sandbox)),
        **{name: facts.dsns[role] for name, role in roles.items()},
        **vendors,
        "KAFKA_BOOTSTRAP": facts.bootstrap,
        "TALLYSTICK_STATE_ID": facts.state.id,
        "GROUP_INSTANCE_ID": f"{service}-0",
        "KEK_FILE": facts.caller.get("KEK_FILE") or str(key_encryption_key(facts.state)),
        "HEALTH_PORT": "0",
        "HEALTH_FILE": str(health_file(facts.state, service)),
        "PYTHONUNBUFFERED": "1",
    }


def health_file(state: State, service: str) -> Path:
    return state.health / f"{service}.json"


def key_encryption_key(state: State) -> Path:
    """Made once: whoever loses it can open no sealed value any more."""
    path = state.secrets / "kek"
    if not path.exists():
        write_whole(path, base64.b64encode(os.urandom(KEY_BYTES)).decode(), mode=0o600)
    return path


def _inherited(caller: Mapping[str, str], *, is_sandboxed: bool) -> dict[str, str]:
    """The caller's environment; beside a sandbox without what was meant for the real systems."""
    return {
        name: value for name, value in caller.items() if not (is_sandboxed and VENDOR.match(name))
    }


def _vendors(sandbox: Endpoints) -> dict[str, str]:
    salesforce, netsuite = sandbox["salesforce"], sandbox["netsuite"]
    named = {
        "SALESFORCE_URL": salesforce.get("https"),
        "SALESFORCE_PUBSUB": salesforce.get("pubsub_tls"),
        "SALESFORCE_PUBSUB_TLS": "1",
        "SALESFORCE_ORG_ID": salesforce.get("org_id"),
        "SALESFORCE_API_VERSION": salesforce.get("api_version"),
        "SALESFORCE_CONSUMER_KEY": salesforce.get("consumer_key"),
        "SALESFORCE_USERNAME": salesforce.get("username"),
        "SALESFORCE_PRIVATE_KEY_FILE": salesforce.get("private_key_file"),
        "NETSUITE_URL": netsuite.get("https"),
        "NETSUITE_ACCOUNT": netsuite.get("account"),
        "NETSUITE_CLIENT_ID": netsuite.get("client_id"),
        "NETSUITE_CERTIFICATE_ID": netsuite.get("certificate_id"),
        "NETSUITE_PRIVATE_KEY_FILE": netsuite.get("private_key_file"),
        "TLS_CA_FILE": sandbox["tls"].get("ca_file"),
        "OUTBOUND_HOSTS": "localhost,127.0.0.1",
    }
    if missing := [name for name, value in named.items() if not value]:
        raise WrongUsageError(f"the sandbox does not say what {', '.join(missing)} should be")
    return {name: str(value) for name, value in named.items()}
