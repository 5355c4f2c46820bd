"""Whatever stands behind the Salesforce port, real or fake, must pass this."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from simple_salesforce.api import Salesforce as Client

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from kernel.records import RecordRef, salesforce
from kernel.values import Document, Value
from runtime.salesforce_versions import check_version
from salesforce_writer.adapters.collections import SalesforceCollections
from salesforce_writer.domain.comparing import differences
from salesforce_writer.domain.replies import (
    Kind,
    meaning_of_call,
    meanings_of_records,
    told_records,
)
from salesforce_writer.domain.requests import Row, query_of, row_of, saving_of
from salesforce_writer.ports import Salesforce
from tests.connections import org_by_secret, org_of, salesforce_at, salesforce_writer
from tests.fakes import FakeSalesforce
from tests.integration.writers.vendors import Vendors, mutations, running_vendors
from tests.unit.salesforce_writer.commands import told


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with running_vendors(tmp_path_factory.mktemp("salesforce") / "state") as running:
        yield running


@pytest.fixture
def fresh(vendors: Vendors) -> Vendors:
    vendors.faults()
    return vendors


class Org:
    """A port with two accounts behind it."""

    def __init__(self, port: Salesforce, accounts: list[str]) -> None:
        self.port, self.accounts = port, accounts

    def row(self, number: int, **fields: Value) -> Row:
        return row_for(salesforce("Account", self.accounts[number]), **fields)


def row_for(target: RecordRef, **fields: Value) -> Row:
    return row_of(told(target=target), Document(fields))


@pytest.fixture
async def rest(fresh: Vendors) -> AsyncIterator[SalesforceCollections]:
    async with salesforce_at(org_of(fresh.salesforce), fresh.ca_file) as (calls, _):
        yield salesforce_writer(calls)


@pytest.fixture
async def by_secret(fresh: Vendors, tmp_path: Path) -> AsyncIterator[SalesforceCollections]:
    org = org_by_secret(fresh.salesforce, tmp_path)
    async with salesforce_at(org, fresh.ca_file) as (calls, _):
        yield salesforce_writer(calls)


@pytest.fixture
def accounts(fresh: Vendors) -> list[str]:
    """Ids of two new accounts, made by a client that is not ours."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(fresh.ca_file)
        token = session.post(
            fresh.salesforce["https"] + "/services/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": fresh.salesforce["consumer_key"],
                "client_secret": fresh.salesforce["consumer_secret"],
            },
        ).json()["access_token"]
        client = Client(session_id=token, instance_url=fresh.salesforce["https"], session=session)
        return [client.Account.create({"Name": f"Acme {at}"})["id"] for at in range(2)]


@pytest.fixture(params=["fake", "rest", "by_secret"])
def org(request: pytest.FixtureRequest) -> Org:
    if request.param != "fake":
        accounts = request.getfixturevalue("accounts")
        return Org(request.getfixturevalue(request.param), accounts)
    fake = FakeSalesforce()
    ids = ["001xx0000000001AAA", "001xx0000000002AAA"]
    for record_id in ids:
        fake.add("Account", record_id)
    return Org(fake, ids)


async def saved(port: Salesforce, *rows: Row) -> list[Kind]:
    reply = await port.save(saving_of(rows))
    meanings = meanings_of_records(reply, len(rows))
    assert meanings is not None, reply
    return [meaning.kind for meaning in meanings]


async def told_of(port: Salesforce, *rows: Row) -> list[Json]:
    reply = await port.query(query_of(rows, rows[0].values))
    assert meaning_of_call(reply).kind is Kind.DONE, reply
    return told_records(reply)


async def test_records_are_changed_together_and_told_as_they_were_wanted(org: Org) -> None:
    rows = [
        org.row(0, NS_Customer_Number__c="CUST-1", NS_Balance__c=Decimal("1234567.89")),
        org.row(1, NS_Customer_Number__c="CUST-2", NS_Balance__c=None),
    ]
    assert await saved(org.port, *rows) == [Kind.DONE, Kind.DONE]
    for row in rows:
        [record] = await told_of(org.port, row)
        assert isinstance(record, dict)
        assert differences(row.values, record) == ()


async def test_one_wrong_record_does_not_hold_up_the_other(org: Org) -> None:
    missing = row_for(salesforce("Account", "001xx0000009999AAA"), NS_Customer_Number__c="x")
    right = org.row(0, NS_Customer_Number__c="CUST-9")
    assert await saved(org.port, missing, right) == [Kind.GONE, Kind.DONE]


async def test_an_external_id_makes_one_record_however_often_it_is_saved(org: Org) -> None:
    target = salesforce("Account", "eid:NS_Customer_Id__c:77001")
    for name in ("One", "Two"):
        assert await saved(org.port, row_for(target, Name=name)) == [Kind.DONE]
    records = await told_of(org.port, row_for(target, Name="Two"))
    assert [record["Name"] for record in records if isinstance(record, dict)] == ["Two"]


async def test_a_query_tells_nothing_of_a_record_that_is_not_there(org: Org) -> None:
    assert await told_of(org.port, row_for(salesforce("Account", "001xx0000009999AAA"))) == []


# What only the real adapter can show.


async def test_a_rule_that_only_warns_of_look_alikes_does_not_stop_a_write(
    rest: SalesforceCollections,
) -> None:
    for key in ("77101", "77102"):
        target = salesforce("Account", f"eid:NS_Customer_Id__c:{key}")
        twin = row_for(target, Name="Twin AG", Phone="+49 30 7777777")
        assert await saved(rest, twin) == [Kind.DONE]


async def test_a_field_nobody_knows_is_refused(
    rest: SalesforceCollections, accounts: list[str]
) -> None:
    row = row_for(salesforce("Account", accounts[0]), NS_Nobody__c="x")
    reply = await rest.save(saving_of([row]))
    meanings = meanings_of_records(reply, 1) or [meaning_of_call(reply)]
    assert meanings[0].kind is Kind.REFUSED


async def test_a_picklist_value_nobody_knows_is_refused_with_its_field(
    rest: SalesforceCollections, accounts: list[str]
) -> None:
    row = row_for(salesforce("Account", accounts[0]), NS_Sync_Status__c="Somehow")
    meanings = meanings_of_records(await rest.save(saving_of([row])), 1)
    assert meanings is not None
    assert meanings[0].kind is Kind.REFUSED
    assert "NS_Sync_Status__c" in meanings[0].detail


@pytest.mark.parametrize("effect", ["drop_before_commit", "drop_after_commit"])
async def test_a_lost_answer_is_unknown_and_the_call_is_not_sent_again_behind_our_back(
    rest: SalesforceCollections, fresh: Vendors, accounts: list[str], effect: str
) -> None:
    target = salesforce("Account", accounts[0])
    await saved(rest, row_for(target, NS_Customer_Number__c="warm"))
    after = fresh.last_seq("salesforce")
    fresh.faults({"system": "salesforce", "method": "PATCH", "effect": effect, "times": 1})
    with pytest.raises(UnknownOutcomeError, match="no answer to PATCH"):
        await rest.save(saving_of([row_for(target, NS_Customer_Number__c="lost")]))
    entries = [one for one in fresh.journal("salesforce", after) if one["method"] == "PATCH"]
    assert len(entries) == 1
    assert len(mutations(entries, "Account")) == (effect == "drop_after_commit")


async def test_a_slow_answer_is_unknown_within_the_time_limit(
    fresh: Vendors, accounts: list[str]
) -> None:
    row = row_for(salesforce("Account", accounts[0]), NS_Customer_Number__c="slow")
    async with salesforce_at(org_of(fresh.salesforce), fresh.ca_file) as (calls, tokens):
        await tokens.current()
        fresh.faults({"system": "salesforce", "method": "PATCH", "effect": "delay", "seconds": 5})
        with pytest.raises(UnknownOutcomeError):
            await salesforce_writer(calls, timeout_s=0.3).save(saving_of([row]))


async def test_a_salesforce_that_is_away_was_sent_nothing(fresh: Vendors) -> None:
    nowhere = org_of(fresh.salesforce, https="https://localhost:9")
    async with salesforce_at(nowhere, fresh.ca_file) as (_, tokens):
        with pytest.raises(RetryableError) as caught:
            await tokens.current()
    assert not isinstance(caught.value, UnknownOutcomeError)


async def test_a_certificate_that_is_not_trusted_sends_nothing(fresh: Vendors) -> None:
    after = fresh.last_seq("salesforce")
    async with salesforce_at(org_of(fresh.salesforce), None) as (_, tokens):
        with pytest.raises(RetryableError, match="Certificate") as caught:
            await tokens.current()
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert fresh.journal("salesforce", after) == []


async def test_a_token_that_died_is_renewed_once(
    rest: SalesforceCollections, fresh: Vendors, accounts: list[str]
) -> None:
    """R11"""
    row = row_for(salesforce("Account", accounts[0]), NS_Customer_Number__c="x")
    await saved(rest, row)
    after = fresh.last_seq("salesforce")
    fresh.faults({"system": "salesforce", "method": "PATCH", "effect": "token_dead", "times": 1})
    for _ in range(3):
        assert await saved(rest, row) == [Kind.DONE]
    entries = fresh.journal("salesforce", after)
    assert sum(entry["status"] == 401 for entry in entries) == 1
    assert sum(entry["path"].endswith("/token") for entry in entries) == 1


async def test_a_token_nobody_takes_stops_the_service(
    rest: SalesforceCollections, fresh: Vendors, accounts: list[str]
) -> None:
    fresh.faults({"system": "salesforce", "method": "PATCH", "effect": "token_dead"})
    row = row_for(salesforce("Account", accounts[0]), NS_Customer_Number__c="x")
    for _ in range(3):  # a bad moment, for all one knows
        with pytest.raises(RetryableError):
            await rest.save(saving_of([row]))
    with pytest.raises(FatalError, match="SALESFORCE_PRIVATE_KEY_FILE"):
        await rest.save(saving_of([row]))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"username": "nobody@tallystick.example"}, "SALESFORCE_USERNAME"),
        ({"audience": "https://login.example"}, r"audience is invalid.*SALESFORCE_AUDIENCE"),
    ],
)
async def test_a_wrong_credential_is_named_and_not_shown(
    fresh: Vendors, wrong: dict[str, str], named: str
) -> None:
    async with salesforce_at(org_of(fresh.salesforce, **wrong), fresh.ca_file) as (_, tokens):
        with pytest.raises(FatalError, match=named) as caught:
            await tokens.current()
    assert fresh.salesforce["consumer_key"] not in str(caught.value)


async def test_a_wrong_secret_is_named_and_not_shown(fresh: Vendors, tmp_path: Path) -> None:
    org = org_by_secret(fresh.salesforce, tmp_path, consumer_secret="not-the-secret")
    async with salesforce_at(org, fresh.ca_file) as (_, tokens):
        with pytest.raises(FatalError, match="SALESFORCE_CONSUMER_SECRET_FILE") as caught:
            await tokens.current()
    assert "not-the-secret" not in str(caught.value)


async def test_a_version_that_is_not_served_is_refused_with_the_versions_that_are(
    fresh: Vendors,
) -> None:
    async with salesforce_at(org_of(fresh.salesforce), fresh.ca_file) as (calls, _):
        await check_version(calls, "68.0")
        for version, why in (("12.0", "is retired"), ("99.0", "is not served")):
            with pytest.raises(FatalError, match=f"{why} there: set SALESFORCE_API_VERSION"):
                await check_version(calls, version)
