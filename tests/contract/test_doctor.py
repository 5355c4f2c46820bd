"""What `tallystick doctor` says of an org and an account that lack something."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.checks.finding import Finding, looked_at
from ops.checks.netsuite import netsuite_findings
from ops.checks.salesforce import salesforce_findings
from ops.checks.settings import settings_of
from ops.reach import Place
from tests.builders import shipped_maps
from tests.contract.conftest import Sandbox

SMALL = "single-currency,netsuite-single-currency,legacy-tax,netsuite-2025.2"


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """An org and an account with one currency, of one company and of an older release."""
    running = Sandbox(tmp_path_factory.mktemp("lacking"), "--profile", SMALL)
    running.start()
    yield running
    running.stop()
    running.http.close()


def environment(sandbox: Sandbox, **changed: str) -> dict[str, str]:
    org, books = sandbox.salesforce, sandbox.netsuite
    return {
        "OUTBOUND_HOSTS": "localhost",
        "TLS_CA_FILE": sandbox.ca_file,
        "SALESFORCE_URL": org["https"],
        "SALESFORCE_PUBSUB": org["pubsub_tls"],
        "SALESFORCE_ORG_ID": org["org_id"],
        "SALESFORCE_API_VERSION": org["api_version"],
        "SALESFORCE_CONSUMER_KEY": org["consumer_key"],
        "SALESFORCE_USERNAME": org["username"],
        "SALESFORCE_PRIVATE_KEY_FILE": org["private_key_file"],
        "NETSUITE_URL": books["https"],
        "NETSUITE_ACCOUNT": books["account"],
        "NETSUITE_CLIENT_ID": books["client_id"],
        "NETSUITE_CERTIFICATE_ID": books["certificate_id"],
        "NETSUITE_PRIVATE_KEY_FILE": books["private_key_file"],
        **changed,
    }


def of_salesforce(env: Mapping[str, str]) -> list[Finding]:
    settings = settings_of(Place(environment=env)).salesforce
    assert settings
    return list(looked_at(lambda: salesforce_findings(settings, shipped_maps())))


def of_netsuite(env: Mapping[str, str]) -> list[Finding]:
    settings = settings_of(Place(environment=env)).netsuite
    assert settings
    return list(looked_at(lambda: netsuite_findings(settings)))


def wrong(findings: list[Finding]) -> str:
    assert all(bool(found.remedy) is not found.is_well for found in findings)
    return "\n".join(f"{one.detail}. {one.remedy}" for one in findings if not one.is_well)


def well(findings: list[Finding]) -> str:
    return "\n".join(one.detail for one in findings if one.is_well)


def test_an_org_and_an_account_that_lack_nothing(sandbox: Sandbox) -> None:
    env = environment(sandbox)
    org, books = of_salesforce(env), of_netsuite(env)
    assert wrong(org + books) == ""
    for said in (
        "integration@tallystick.example signs in at localhost",
        "API version 68.0 is served",
        "of the map are there and visible",
        "many currencies",
        "4 objects are selected for change data capture",
        "may be listened to",
        "the clocks agree",
    ):
        assert said in well(org)
    for said in (
        "release 2026.2 or later",
        "the role reads 10 tables",
        "3 fields of the project are there",
        "OneWorld, many currencies, SuiteTax",
    ):
        assert said in well(books)
    assert well(books).count("the clocks agree") == 1


def test_a_smaller_org_and_account_will_do_and_say_what_they_are(lacking: Sandbox) -> None:
    env = environment(lacking, SALESFORCE_CURRENCY="USD", NETSUITE_CURRENCY="USD")
    assert "one currency: USD" in well(of_salesforce(env))
    books = of_netsuite(env)
    assert wrong(books) == ""
    assert "one company, one currency" in well(books)
    assert "release 2025.2 or 2026.1" in well(books)


def test_an_org_with_one_currency_must_be_told_which(lacking: Sandbox, sandbox: Sandbox) -> None:
    assert "SRE: set SALESFORCE_CURRENCY to its code" in wrong(of_salesforce(environment(lacking)))
    both = environment(sandbox, SALESFORCE_CURRENCY="USD")
    assert "SRE: remove SALESFORCE_CURRENCY" in wrong(of_salesforce(both))


def test_an_account_with_one_currency_must_be_told_which(
    lacking: Sandbox, sandbox: Sandbox
) -> None:
    assert "SRE: set NETSUITE_CURRENCY to its code" in wrong(of_netsuite(environment(lacking)))
    many = environment(sandbox, NETSUITE_CURRENCY="USD")
    assert "SRE: remove NETSUITE_CURRENCY" in wrong(of_netsuite(many))


def test_an_object_whose_changes_are_not_captured_is_named(sandbox: Sandbox) -> None:
    rows = [{"SelectedEntity": f"{name}ChangeEvent"} for name in ("Account", "Opportunity")]
    sandbox.faults(
        {"system": "salesforce", "path": "/tooling/query*", "effect": "status", "status": 200,
         "body": {"totalSize": 2, "done": True, "records": rows}}
    )  # fmt: skip
    said = wrong(of_salesforce(environment(sandbox)))
    assert "for change data capture: OpportunityLineItem, Product2. Administrator: deploy" in said


def test_an_account_without_suitetax_says_so(sandbox: Sandbox) -> None:
    sandbox.faults(
        {"system": "netsuite", "path": "*/metadata-catalog/*", "effect": "status", "status": 200,
         "body": {"type": "object", "properties": {"entity": {}, "taxTotal": {}}}}
    )  # fmt: skip
    assert "legacy tax" in well(of_netsuite(environment(sandbox)))


def test_a_field_that_the_user_may_not_edit_is_named_with_the_permission_set(
    sandbox: Sandbox,
) -> None:
    person = sandbox.salesforce["users"]["sales"]["username"]
    said = wrong(of_salesforce(environment(sandbox, SALESFORCE_USERNAME=person)))
    assert "field Opportunity.NS_SO_Id__c may not be edited. Administrator:" in said
    assert "permission set Tallystick_Integration" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SALESFORCE_API_VERSION": "35.0"}, "API version 35.0 is deprecated. SRE: set"),
        ({"SALESFORCE_API_VERSION": "12.0"}, "API version 12.0 is retired there. SRE: set"),
        ({"SALESFORCE_ORG_ID": "00D000000000000EAA"}, "not 00D000000000000EAA. SRE: correct"),
        ({"SALESFORCE_AUDIENCE": "https://login.example"}, "the sign-in is refused"),
        ({"SALESFORCE_PUBSUB": "localhost:9"}, "the Pub/Sub API does not answer"),
        ({"SALESFORCE_URL": "https://localhost:9"}, "nothing answers"),
        ({"INGEST_SALESFORCE_CHANNEL": "/data/Nowhere__chn"}, "/data/Nowhere__chn is refused"),
    ],
)
def test_what_is_wrong_with_an_org_is_one_line_with_its_remedy(
    sandbox: Sandbox, changed: dict[str, str], said: str
) -> None:
    assert said in wrong(of_salesforce(environment(sandbox, **changed)))


def test_few_calls_left_are_told_before_there_are_none(sandbox: Sandbox) -> None:
    body = {"DailyApiRequests": {"Max": 15000, "Remaining": 99}}
    sandbox.faults(
        {"system": "salesforce", "path": "/limits", "effect": "status", "status": 200, "body": body}
    )
    assert "only 99 of 15,000 API calls are left" in wrong(of_salesforce(environment(sandbox)))


def test_a_clock_that_is_wrong_is_named(sandbox: Sandbox) -> None:
    sandbox.clock(advance_s=3600)
    said = wrong(of_netsuite(environment(sandbox)))
    assert "s behind NetSuite's. SRE: let the machine follow a time server." in said


def as_person(sandbox: Sandbox, who: str) -> dict[str, str]:
    person: Any = sandbox.netsuite if who == "integration" else sandbox.netsuite[who]
    return environment(
        sandbox,
        NETSUITE_CERTIFICATE_ID=person["certificate_id"],
        NETSUITE_PRIVATE_KEY_FILE=person["private_key_file"],
    )


def test_a_role_without_its_permissions_is_told_which(sandbox: Sandbox) -> None:
    said = wrong(of_netsuite(as_person(sandbox, "viewer")))
    assert "the role may not read customer" in said
    assert "the role may not edit salesOrder" in said
    assert "Transactions > Sales Order with the level Edit" in said


def test_the_limit_is_compared_where_it_is_told(sandbox: Sandbox) -> None:
    env = as_person(sandbox, "administrator")
    assert "takes 5 of 5 calls at once" in well(of_netsuite(env))
    said = wrong(of_netsuite(env | {"NETSUITE_WRITER_SLOTS": "9"}))
    assert "10 calls at once, but the limit is 5. SRE: set NETSUITE_WRITER_SLOTS to 4" in said


def test_a_token_is_looked_at_like_a_certificate(sandbox: Sandbox, tmp_path: Path) -> None:
    books = sandbox.netsuite
    for name in ("consumer_secret", "token_secret"):
        (tmp_path / name).write_text(books[name])
    env = environment(
        sandbox,
        NETSUITE_SIGN_IN="token",
        NETSUITE_PRIVATE_KEY_FILE="",
        NETSUITE_CONSUMER_KEY=books["consumer_key"],
        NETSUITE_CONSUMER_SECRET_FILE=str(tmp_path / "consumer_secret"),
        NETSUITE_TOKEN_ID=books["token_id"],
        NETSUITE_TOKEN_SECRET_FILE=str(tmp_path / "token_secret"),
    )
    assert wrong(of_netsuite(env)) == ""
    (tmp_path / "token_secret").write_text("not-the-secret")
    said = wrong(of_netsuite(env))
    assert "the sign-in is refused: HTTP 401" in said
    assert "NETSUITE_TOKEN_SECRET_FILE" in said
    assert "not-the-secret" not in said


def test_the_apps_own_secret_is_looked_at_like_an_assertion(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(sandbox.salesforce["consumer_secret"])
    env = environment(
        sandbox,
        SALESFORCE_SIGN_IN="client-credentials",
        SALESFORCE_PRIVATE_KEY_FILE="",
        SALESFORCE_CONSUMER_SECRET_FILE=str(secret),
    )
    assert wrong(of_salesforce(env)) == ""
    secret.write_text("not-the-secret")
    said = wrong(of_salesforce(env))
    assert "SALESFORCE_CONSUMER_SECRET_FILE" in said
    assert "not-the-secret" not in json.dumps(said)
