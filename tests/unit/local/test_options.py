"""What cannot work is refused before anything is started."""

from pathlib import Path

import pytest

from ops.local.databases import ROLES, given_dsns
from ops.local.errors import WrongUsageError
from ops.local.options import PARTS, Options, check, state_directory

GIVEN = {
    "TALLYSTICK_SYNC_DSN": "postgresql://a/sync",
    "TALLYSTICK_AUDIT_DSN": "postgresql://a/audit",
    "TALLYSTICK_KEYS_DSN": "postgresql://a/keys",
}


def options(*only: str, sandbox: bool = True, **environment: str) -> Options:
    return Options(
        state=Path("state"), only=frozenset(only), sandbox=sandbox, environment=environment
    )


def test_no_choice_means_every_part() -> None:
    assert [part for part in PARTS if options().wants(part)] == list(PARTS)
    assert [part for part in PARTS if options(sandbox=False).wants(part)] == [
        part for part in PARTS if part != "sandbox"
    ]


def test_an_unknown_part_is_refused_with_the_parts_there_are() -> None:
    with pytest.raises(WrongUsageError, match="'kafak'; there are: kafka, postgres"):
        check(options("kafak", "postgres"))


def test_a_service_without_its_kafka_or_postgres_is_refused_unless_one_runs_elsewhere() -> None:
    with pytest.raises(WrongUsageError, match=r"cannot run without kafka.*KAFKA_BOOTSTRAP"):
        check(options("transform", "postgres"))
    with pytest.raises(WrongUsageError, match=r"without postgres.*TALLYSTICK_SYNC_DSN"):
        check(options("transform", "kafka"))
    check(options("transform", KAFKA_BOOTSTRAP="127.0.0.1:9", **GIVEN))
    check(options("kafka"))


def test_real_systems_are_refused_with_every_setting_that_is_missing_or_wrong() -> None:
    given = {"SALESFORCE_URL": "acme", "SALESFORCE_API_VERSION": "68", "NETSUITE_ACCOUNT": "1"}
    with pytest.raises(WrongUsageError) as refused:
        check(Options(state=Path("state"), sandbox=False, environment=given))
    said = str(refused.value)
    assert "SALESFORCE_URL: 'acme' is not an address https://host: give" in said
    assert "SALESFORCE_API_VERSION" in said
    for name in ("SALESFORCE_ORG_ID", "NETSUITE_URL", "NETSUITE_PRIVATE_KEY_FILE"):
        assert f"{name} is not set: give" in said
    assert "NETSUITE_ACCOUNT is" not in said
    check(options("kafka", "postgres", "auditor", sandbox=False))


def test_the_state_directory_is_the_one_named_then_that_of_the_environment_then_the_default() -> (
    None
):
    environment = {"TALLYSTICK_STATE": "from-environment"}
    assert state_directory(Path("named"), environment) == Path("named").absolute()
    assert state_directory(None, environment) == Path("from-environment").absolute()
    assert state_directory(None, {}) == Path(".tallystick").absolute()


def test_dsns_are_given_for_all_databases_or_for_none() -> None:
    assert given_dsns({}) == {}
    assert given_dsns(GIVEN).keys() == {role for roles in ROLES.values() for role in roles}
    with pytest.raises(WrongUsageError, match="TALLYSTICK_AUDIT_DSN, TALLYSTICK_KEYS_DSN not set"):
        given_dsns({"TALLYSTICK_SYNC_DSN": "postgresql://a/sync"})


def test_one_role_alone_can_be_given_its_own_dsn() -> None:
    given = given_dsns({**GIVEN, "TALLYSTICK_AUDIT_OWNER_DSN": "postgresql://owner@a/audit"})
    assert given["audit_owner"] == "postgresql://owner@a/audit"
    assert given["audit_writer"] == given["audit_reader"] == "postgresql://a/audit"
