"""Whatever stands behind the NetSuite port, real or fake, must pass this."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json, dumps
from kernel.records import RecordRef, borne_by, netsuite
from netsuite_writer.adapters.rest import RestNetSuite
from netsuite_writer.domain.comparing import differences, lines_of
from netsuite_writer.domain.planning import plan_of
from netsuite_writer.domain.replies import Kind, ids_of, meaning_of
from netsuite_writer.domain.requests import JsonObject, body_of
from netsuite_writer.ports import NetSuite, Saving
from tests.connections import account_by_token, account_of, netsuite_at, netsuite_writer
from tests.fakes import FakeNetSuite
from tests.integration.writers.vendors import Vendors, mutations, running_vendors
from tests.unit.netsuite_writer.commands import LINE_ONE, LINE_TWO, customer, order


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with running_vendors(tmp_path_factory.mktemp("netsuite") / "state") as running:
        yield running


@pytest.fixture
def fresh(vendors: Vendors) -> Vendors:
    vendors.faults()
    vendors.seed("empty")
    return vendors


@pytest.fixture
async def rest(fresh: Vendors) -> AsyncIterator[RestNetSuite]:
    async with netsuite_at(account_of(fresh.netsuite), fresh.ca_file) as calls:
        yield netsuite_writer(calls)


@pytest.fixture
async def signed(fresh: Vendors, tmp_path: Path) -> AsyncIterator[RestNetSuite]:
    there = account_by_token(fresh.netsuite, tmp_path)
    async with netsuite_at(there, fresh.ca_file) as calls:
        yield netsuite_writer(calls)


@pytest.fixture(params=["fake", "rest", "signed"])
def port(request: pytest.FixtureRequest) -> NetSuite:
    if request.param == "fake":
        return FakeNetSuite()
    return cast(NetSuite, request.getfixturevalue(request.param))


def saving_of(target: RecordRef, body: JsonObject, *replaces: str) -> Saving:
    return Saving(target=target, body=dumps(body), replaces=replaces)


async def saved_customer(port: NetSuite) -> str:
    command = customer()
    reply = await port.save(saving_of(command.target, body_of(command.document)))
    assert meaning_of(reply).kind is Kind.DONE, reply
    return reply.record_id


async def test_what_bears_a_mark_is_found_by_it_and_has_no_external_id(port: NetSuite) -> None:
    command = customer()
    mark = {"custentity_sf_account_id": command.source.id}
    target = netsuite("customer", f"eid:{borne_by(*next(iter(mark.items())))}")
    assert ids_of(await port.find("customer", mark)) == ()
    reply = await port.save(saving_of(target, body_of(command.document)))
    assert meaning_of(reply).kind is Kind.DONE, reply
    assert ids_of(await port.find("customer", mark)) == (reply.record_id,)
    record = await record_at(port, netsuite("customer", reply.record_id))
    assert not record.get("externalId")


async def record_at(port: NetSuite, target: RecordRef) -> JsonObject:
    reply = await port.read(target)
    assert isinstance(reply.body, dict), reply
    return reply.body


async def test_a_save_names_the_record_by_its_own_id(port: NetSuite) -> None:
    record_id = await saved_customer(port)
    assert record_id.isdigit()
    record = await record_at(port, netsuite("customer", record_id))
    assert record["id"] == record_id


async def test_what_was_saved_is_told_as_it_was_wanted(port: NetSuite) -> None:
    command = customer()
    await saved_customer(port)
    record = await record_at(port, command.target)
    assert differences(body_of(command.document), record) == ()


async def test_saving_twice_makes_one_record(port: NetSuite) -> None:
    assert await saved_customer(port) == await saved_customer(port)


async def test_only_the_asked_fields_are_told(port: NetSuite) -> None:
    await saved_customer(port)
    reply = await port.read(customer().target, ("id", "entityId"))
    assert isinstance(reply.body, dict)
    assert {"id", "entityId"} <= reply.body.keys()
    assert "phone" not in reply.body


async def test_a_record_that_is_not_there_is_gone(port: NetSuite) -> None:
    for target in (customer(9).target, netsuite("customer", "99999")):
        assert meaning_of(await port.read(target)).kind is Kind.GONE
    reply = await port.save(saving_of(netsuite("customer", "99999"), {"phone": "1234567"}))
    assert meaning_of(reply).kind is Kind.GONE


async def test_a_target_by_id_is_changed_and_not_made(port: NetSuite) -> None:
    record_id = await saved_customer(port)
    target = netsuite("customer", record_id)
    assert meaning_of(await port.save(saving_of(target, {"phone": "7654321"}))).kind is Kind.DONE
    assert (await record_at(port, target))["phone"] == "7654321"


async def test_null_clears_a_field(port: NetSuite) -> None:
    await saved_customer(port)
    await port.save(saving_of(customer().target, {"phone": None}))
    assert (await record_at(port, customer().target)).get("phone") is None


async def test_an_order_is_told_with_its_lines_as_they_were_wanted(port: NetSuite) -> None:
    command = order(customer_id=await saved_customer(port))
    reply = await port.save(saving_of(command.target, body_of(command.document), "item"))
    assert meaning_of(reply).kind is Kind.DONE, reply
    record = await record_at(port, command.target)
    assert differences(body_of(command.document), record) == ()
    assert [line["line"] for line in lines_of(record, "item")] == [1, 2]
    assert record["status"] == {"id": "A", "refName": "Pending Approval"}


async def test_a_price_of_its_own_is_a_price_level_like_any(port: NetSuite) -> None:
    line = {**LINE_ONE, "price.id": "-1"}
    command = order(customer_id=await saved_customer(port), lines=(line,))
    reply = await port.save(saving_of(command.target, body_of(command.document), "item"))
    assert meaning_of(reply).kind is Kind.DONE, reply.body
    record = await record_at(port, command.target)
    assert differences(body_of(command.document), record) == ()


async def test_lines_sent_twice_are_there_once_and_a_missing_one_goes(port: NetSuite) -> None:
    """T9.5"""
    customer_id = await saved_customer(port)
    first = order(customer_id=customer_id)
    for _ in range(2):
        await port.save(saving_of(first.target, body_of(first.document), "item"))
    record = await record_at(port, first.target)
    assert len(lines_of(record, "item")) == 2
    amended = order(customer_id=customer_id, lines=(LINE_TWO, {**LINE_ONE, "quantity": 3,
                    "amount": LINE_ONE["amount"], "custcol_sf_line_id": "other"}))  # fmt: skip
    plan = plan_of(amended, amended.document, record)
    assert isinstance(plan, Saving)
    reply = await port.save(plan)
    assert meaning_of(reply).kind is Kind.DONE, reply
    lines = lines_of(await record_at(port, first.target), "item")
    keys = {line["line"]: line["custcol_sf_line_id"] for line in lines}
    assert len(keys) == 2
    assert LINE_TWO["custcol_sf_line_id"] in keys.values()
    kept = next(line for line in lines_of(record, "item")
                if line["custcol_sf_line_id"] == LINE_TWO["custcol_sf_line_id"])  # fmt: skip
    assert keys[kept["line"]] == LINE_TWO["custcol_sf_line_id"]


async def test_a_line_that_is_only_named_by_its_key_stays_as_it_is(port: NetSuite) -> None:
    command = order(customer_id=await saved_customer(port))
    await port.save(saving_of(command.target, body_of(command.document), "item"))
    before = lines_of(await record_at(port, command.target), "item")
    keys: list[Json] = [{"line": line["line"]} for line in before]
    await port.save(saving_of(command.target, {"item": {"items": keys}}, "item"))
    after = lines_of(await record_at(port, command.target), "item")
    wanted = [line["custcol_sf_line_id"] for line in before]
    assert [line["custcol_sf_line_id"] for line in after] == wanted


# What only the real adapter can show.

WRONG_VALUES = [
    ({"currency": {"id": "999"}}, "CUSTOMER_CURRENCY"),
    ({"entity": {"id": "99999"}}, "VALUE_REFUSED"),
    ({"nobodyKnowsThis": "x"}, "NETSUITE_REFUSED"),
]


@pytest.mark.parametrize(("change", "code"), WRONG_VALUES, ids=[code for _, code in WRONG_VALUES])
async def test_a_wrong_value_is_refused_and_means_what_it_is(
    rest: RestNetSuite, change: JsonObject, code: str
) -> None:
    command = order(customer_id=await saved_customer(rest))
    body = {**body_of(command.document), **change}
    reply = await rest.save(saving_of(command.target, body, "item"))
    meaning = meaning_of(reply)
    assert (meaning.kind, meaning.code) == (Kind.REFUSED, code)


async def test_too_many_calls_at_once_are_told_to_come_again(
    rest: RestNetSuite, fresh: Vendors
) -> None:
    fresh.faults({"system": "netsuite", "effect": "limit", "slots": 0})
    reply = await rest.save(saving_of(customer().target, body_of(customer().document)))
    assert (reply.status, meaning_of(reply).kind) == (429, Kind.BUSY)


@pytest.mark.parametrize("effect", ["drop_before_commit", "drop_after_commit"])
async def test_a_lost_answer_is_unknown_and_the_call_is_not_sent_again_behind_our_back(
    rest: RestNetSuite, fresh: Vendors, effect: str
) -> None:
    await saved_customer(rest)  # the connection is warm now
    after = fresh.last_seq("netsuite")
    fresh.faults({"system": "netsuite", "method": "PUT", "effect": effect, "times": 1})
    with pytest.raises(UnknownOutcomeError, match="no answer to PUT customer"):
        await rest.save(saving_of(customer().target, {"phone": "7654321"}))
    entries = [entry for entry in fresh.journal("netsuite", after) if entry["method"] == "PUT"]
    assert len(entries) == 1
    assert len(mutations(entries, "customer")) == (effect == "drop_after_commit")


async def test_a_slow_answer_is_unknown_within_the_time_limit(fresh: Vendors) -> None:
    fresh.faults({"system": "netsuite", "method": "PUT", "effect": "delay", "seconds": 30})
    async with netsuite_at(account_of(fresh.netsuite), fresh.ca_file) as calls:
        saving = saving_of(customer().target, body_of(customer().document))
        with pytest.raises(UnknownOutcomeError):
            await netsuite_writer(calls, timeout_s=0.3).save(saving)


async def test_a_netsuite_that_is_away_was_sent_nothing(fresh: Vendors) -> None:
    nowhere = account_of(fresh.netsuite, https="https://localhost:9")
    async with netsuite_at(nowhere, fresh.ca_file) as calls:
        with pytest.raises(RetryableError) as caught:
            await netsuite_writer(calls).read(customer().target)
    assert not isinstance(caught.value, UnknownOutcomeError)


async def test_a_certificate_that_is_not_trusted_sends_nothing(fresh: Vendors) -> None:
    after = fresh.last_seq("netsuite")
    async with netsuite_at(account_of(fresh.netsuite), None) as calls:
        with pytest.raises(RetryableError, match="Certificate") as caught:
            await netsuite_writer(calls).read(customer().target)
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert fresh.journal("netsuite", after) == []


async def test_a_token_that_died_is_renewed_once_for_all_calls(
    rest: RestNetSuite, fresh: Vendors
) -> None:
    """R11"""
    await saved_customer(rest)
    after = fresh.last_seq("netsuite")
    fresh.faults({"system": "netsuite", "method": "GET", "effect": "token_dead", "times": 1})
    for _ in range(3):
        assert (await rest.read(customer().target)).status == 200
    entries = fresh.journal("netsuite", after)
    assert sum(entry["status"] == 401 for entry in entries) == 1
    assert sum(entry["path"].endswith("/token") for entry in entries) == 1


async def test_a_wrong_certificate_id_names_the_system_and_the_credential(fresh: Vendors) -> None:
    there = account_of(fresh.netsuite, certificate_id="wrong-certificate-id")
    async with netsuite_at(there, fresh.ca_file) as calls:
        with pytest.raises(FatalError, match="NETSUITE_CERTIFICATE_ID") as caught:
            await netsuite_writer(calls).read(customer().target)
    assert "wrong-certificate-id" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["token_secret", "consumer_secret", "token_id"])
async def test_a_wrong_token_is_tried_for_a_while_and_then_stops_the_service(
    fresh: Vendors, tmp_path: Path, wrong: str
) -> None:
    there = account_by_token(fresh.netsuite, tmp_path, **{wrong: "not-the-secret"})
    async with netsuite_at(there, fresh.ca_file) as calls:
        with pytest.raises(FatalError, match="NETSUITE_TOKEN_SECRET_FILE") as caught:
            await until_it_stops(netsuite_writer(calls))
    assert "not-the-secret" not in str(caught.value)


async def until_it_stops(port: NetSuite) -> None:
    for _ in range(9):
        try:
            await port.read(customer().target)
        except RetryableError:
            continue


async def test_a_token_nobody_takes_stops_the_service(rest: RestNetSuite, fresh: Vendors) -> None:
    """At once a call may have met a bad moment; four in a row have not."""
    fresh.faults({"system": "netsuite", "method": "GET", "effect": "token_dead"})
    for _ in range(3):
        with pytest.raises(RetryableError):
            await rest.read(customer().target)
    with pytest.raises(FatalError, match="NETSUITE_CLIENT_ID"):
        await rest.read(customer().target)
