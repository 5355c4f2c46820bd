"""`tallystick doctor` on real parts and on stand-ins of both vendors."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local.databases import ROLES
from ops.local.environment import Facts, environment_of
from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.integration.auditor import deal
from tests.integration.auditor.parts import bootstrap_of, tallystick, tamper

PARTS = frozenset({"kafka", "postgres", "sandbox", "auditor"})
GRANT = "GRANT UPDATE ON audit.records TO audit_reader"
REVOKE = "REVOKE UPDATE ON audit.records FROM audit_reader"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("doctor") / "state"
    with stack_in_thread(Options(state=state, only=PARTS)) as running:
        yield running


@pytest.fixture
def environment(stack: Stack) -> dict[str, str]:
    """As for real systems: all of it in the environment, no state directory."""
    facts = Facts(
        state=stack.state,
        caller={},
        bootstrap=bootstrap_of(stack),
        dsns={role: stack.dsn(role) for roles in ROLES.values() for role in roles},
        sandbox=stack.endpoints,
    )
    settings = {**environment_of("auditor", facts), **environment_of("ingest", facts)}
    return {**settings, "AUDITOR_URL": "http://127.0.0.1:1"}


def findings(*words: str, environment: dict[str, str]) -> dict[str, bool]:
    done = tallystick("doctor", "--json", *words, environment=environment)
    found = {item["detail"]: item["is_well"] for item in json.loads(done.stdout)}
    assert done.returncode == (0 if all(found.values()) else 1), done.stderr
    return found


def test_all_is_well_on_a_stack_of_ones_own(stack: Stack) -> None:
    done = tallystick("doctor", "--state", str(stack.state.directory))
    text = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "✗" not in text
    for said in (
        "7 topics as the schemas want them",
        "the event store refuses changes of its rows",
        "opens the data keys",
        "signs in at localhost",
        "API version 68.0 is served",
        "of the map are there and visible",
        "API calls are left today",
        "/data/ChangeEvents may be listened to",
        "the role reads 10 tables",
        "calls at once",
        "all well.",
    ):
        assert said in text


def test_against_real_systems_the_environment_says_what_is_meant(
    environment: dict[str, str],
) -> None:
    found = findings(environment=environment)
    assert found["complete, from the environment"]
    assert found["the event store's writer may add rows and nothing else"]
    assert all(found.values()), found


async def test_what_is_wrong_is_named_and_the_rest_is_still_looked_at(
    stack: Stack, environment: dict[str, str], tmp_path: Path
) -> None:
    kek, pem = tmp_path / "kek", tmp_path / "key.pem"
    kek.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    pem.write_text("no key")
    await deal.sealed(stack, ("Account.Name", "Acme GmbH"))
    tamper(stack, GRANT)
    wrong = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "AUDIT_DSN": environment["AUDIT_OWNER_DSN"],
        "KEK_FILE": str(kek),
        "SALESFORCE_PRIVATE_KEY_FILE": str(pem),
        "NETSUITE_CERTIFICATE_ID": "another",
    }
    found = findings(environment={**environment, **wrong})
    tamper(stack, REVOKE)
    faults = " | ".join(detail for detail, is_well in found.items() if not is_well)
    for said in (
        "nothing answers at 127.0.0.1:1",
        "the event store's writer may do more than add rows",
        "may change the event store: audit_reader",
        "holds no readable private key",
        "the sign-in is refused",
        str(kek),
    ):
        assert said in faults
    assert found["database sync answers role sync_service"]


def test_a_version_that_is_not_served_and_a_channel_that_is_not_there_are_named(
    environment: dict[str, str],
) -> None:
    old = findings(environment={**environment, "SALESFORCE_API_VERSION": "12.0"})
    assert any("API version 12.0 is retired there" in detail for detail in old)
    nowhere = {**environment, "INGEST_SALESFORCE_CHANNEL": "/data/Nowhere__chn"}
    found = findings(environment=nowhere)
    assert any(
        "/data/Nowhere__chn is refused" in detail
        for detail, is_well in found.items()
        if not is_well
    )


def test_a_field_that_is_not_there_is_named_with_the_package_that_brings_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "more.yaml").write_text(
        "map: account-to-customer\n"
        "needed:\n"
        "  - {read: NS_Nowhere__c, purpose: is looked for in vain}\n"
    )
    words = tallystick("doctor", environment={**environment, "MAPS_OVERLAY_DIR": str(tmp_path)})
    text = " ".join(words.stdout.split())
    assert words.returncode == 1
    assert "field Account.NS_Nowhere__c is not there, or not visible." in text
    assert "permission set Tallystick_Integration" in text


def test_a_map_that_does_not_read_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("map: nonsense\nreads: sap Order\n")
    done = tallystick("doctor", environment={**environment, "MAPS_OVERLAY_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert "wrong.yaml" in done.stdout
