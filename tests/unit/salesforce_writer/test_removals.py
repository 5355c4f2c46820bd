"""A row whose counterpart is gone is removed, once or twice alike; parents are named by key."""

import json

import pytest

from kernel.errors import RetryableError
from kernel.messages import Result, Version
from kernel.records import salesforce
from kernel.values import Document
from salesforce_writer.domain.comparing import differences
from salesforce_writer.domain.requests import row_of, saving_of
from tests.unit.salesforce_writer.commands import command
from tests.unit.salesforce_writer.test_attempts import Desk

LINE = salesforce("NS_Transaction_Line__c", "eid:NS_Line_Key__c:813-1")
PARENT = "Transaction__r.NS_Internal_Id__c"


def desk_with_a_line() -> Desk:
    desk = Desk()
    desk.salesforce.add("NS_Transaction_Line__c", "a01xx0000000001AAA", NS_Line_Key__c="813-1")
    return desk


async def test_a_row_is_removed_and_a_second_removal_finds_nothing() -> None:
    desk = desk_with_a_line()
    [first] = await desk.handle(command(LINE, {}, part="transaction:gone"))
    assert (first.result, first.code) == (Result.APPLIED, "REMOVED")
    assert ("NS_Transaction_Line__c", "a01xx0000000001AAA") not in desk.salesforce.records
    again = command(LINE, {}, part="transaction:gone", version=Version(2, 0))
    [second] = await desk.handle(again)
    assert (second.result, second.code) == (Result.UNCHANGED, "ALREADY_GONE")
    assert desk.salesforce.saves == []


async def test_a_removal_whose_answer_is_lost_is_tried_again() -> None:
    desk = desk_with_a_line()
    desk.salesforce.troubles = ["lost"]
    gone = command(LINE, {}, part="transaction:gone")
    with pytest.raises(RetryableError):
        await desk.handle(gone)
    [outcome] = await desk.handle(gone)
    assert outcome.code == "ALREADY_GONE"


async def test_a_removal_and_a_write_of_one_record_keep_their_order() -> None:
    desk = desk_with_a_line()
    gone = command(LINE, {}, part="transaction:gone")
    anew = command(LINE, {"Amount__c": 5}, part="transaction", version=Version(2, 0))
    outcomes = await desk.handle(gone, anew)
    assert [outcome.code for outcome in outcomes] == ["REMOVED", "WRITTEN"]


async def test_a_currency_that_the_org_does_not_keep_is_held_and_the_own_one_left_out() -> None:
    euro, dollar = ({"CurrencyIsoCode": code, "Amount__c": 5} for code in ("EUR", "USD"))
    assert row_of(command(LINE, euro), Document(euro), "USD").foreign == "EUR"
    row = row_of(command(LINE, dollar), Document(dollar), "USD")
    assert (row.values, row.foreign) == ({"Amount__c": 5}, "")


def test_a_parent_is_named_by_its_external_id() -> None:
    fields = {PARENT: "813", "Source_Transaction__r.NS_Internal_Id__c": None}
    row = row_of(command(LINE, fields), Document(fields))
    [record] = json.loads(saving_of([row]).body)["records"]
    assert record["Transaction__r"] == {"NS_Internal_Id__c": "813"}
    assert record["Source_Transaction__r"] is None
    assert differences(row.values, {"Transaction__r": {"NS_Internal_Id__c": "813"}}) == ()
    assert differences(row.values, {"Transaction__r": {"NS_Internal_Id__c": "9"}}) == (PARENT,)
