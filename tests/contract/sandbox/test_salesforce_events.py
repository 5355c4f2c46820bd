"""Change events over gRPC: what they carry, in which order, and how a subscriber goes on."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import (
    PubSub,
    Rest,
    Subscriber,
    changed_fields,
    replay_number,
)

ALL = "/data/ChangeEvents"
ACCOUNTS = "/data/AccountChangeEvent"
DEALS = "/data/OpportunityChangeEvent"
LATEST, EARLIEST, CUSTOM = 0, 1, 2


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox, client="contract-test")


@pytest.fixture
def pubsub(sandbox: Sandbox, rest: Rest) -> Iterator[PubSub]:
    client = PubSub(sandbox, rest.token)
    yield client
    client.close()


def since(pubsub: PubSub, position: bytes, topic: str = ALL, **first: Any) -> Subscriber:
    return pubsub.subscribe(topic, replay_preset=CUSTOM, replay_id=position, **first)


def now_at(rest: Rest, pubsub: PubSub) -> bytes:
    """The position of a fresh event: what follows is the test's own."""
    name = f"Marker {uuid.uuid4()}"
    rest.create("Account", Name=name)
    stream = pubsub.subscribe(ACCOUNTS, replay_preset=EARLIEST)
    while True:
        (event,) = stream.events(1)
        stream.ask(num_requested=1)
        if event["Name"] == name:
            stream.cancel()
            return bytes(event["_replay"])


def refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def error_code(error: Any) -> str:
    trailers = {item.key: item.value for item in error.trailing_metadata()}
    assert trailers["rpc-id"] in error.details()
    return str(trailers["error-code"].removeprefix("sfdc.platform.eventbus.grpc."))


@pytest.mark.parametrize("tls", [False, True], ids=["plaintext", "TLS"])
def test_a_topic_and_its_schema_are_told(sandbox: Sandbox, rest: Rest, tls: bool) -> None:
    client = PubSub(sandbox, rest.token, tls=tls)
    topic = client.topic(DEALS)
    assert (topic.topic_name, topic.can_subscribe, topic.can_publish) == (DEALS, True, False)
    info = client.schema(topic.schema_id)
    assert info.schema_id == topic.schema_id
    schema = json.loads(info.schema_json)
    assert (schema["name"], schema["namespace"]) == (
        "OpportunityChangeEvent",
        "com.sforce.eventbus",
    )
    client.close()


def test_a_create_carries_all_values_and_no_bitmaps(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    name = f"Created {uuid.uuid4()}"
    identifier = rest.create("Account", Name=name, BillingCity="Bonn", NS_Balance__c=12.5)
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert (header["entityName"], header["changeType"]) == ("Account", "CREATE")
    assert header["recordIds"] == [identifier]
    assert header["changeOrigin"] == "com/salesforce/api/rest/68.0;client=contract-test"
    assert header["changedFields"] == header["nulledFields"] == header["diffFields"] == []
    assert header["commitTimestamp"] % 1000 == 0
    assert event["Name"] == name
    assert event["BillingAddress"]["City"] == "Bonn"
    assert event["ShippingAddress"] is None
    assert event["NS_Balance__c"] == 12.5
    assert event["CreatedDate"] == event["LastModifiedDate"] == header["commitTimestamp"]
    assert event["CreatedById"] == header["commitUser"]
    stream.cancel()


def test_an_update_carries_only_what_changed(sandbox: Sandbox, rest: Rest, pubsub: PubSub) -> None:
    identifier = rest.create("Account", Name="Before", Phone="1", BillingCity="Bonn")
    stream = since(pubsub, now_at(rest, pubsub))
    sandbox.clock(advance_s=5)
    rest.update("Account", identifier, Name="After", Phone=None, BillingStreet="Weg 1")
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert header["changeType"] == "UPDATE"
    assert changed_fields(event) == ["Name", "Phone", "LastModifiedDate", "BillingAddress.0"]
    assert changed_fields(event, "nulledFields") == ["Phone"]
    assert event["BillingAddress"]["Street"] == "Weg 1"
    assert event["BillingAddress"]["City"] is None
    assert event["LastModifiedById"] is None
    assert (event["Name"], event["Phone"]) == ("After", None)
    stream.cancel()


def test_every_update_tells_when_even_two_in_one_second(rest: Rest, pubsub: PubSub) -> None:
    identifier = rest.create("Account", Name="Hasty", BillingCity="Bonn")
    stream = since(pubsub, now_at(rest, pubsub))
    for fields in ({"Phone": "1"}, {"Phone": "2"}, {"BillingCity": None}, {}):
        rest.update("Account", identifier, **fields)
    first, second, city, nothing = stream.events(4)
    for event in (first, second):
        assert changed_fields(event) == ["Phone", "LastModifiedDate"]
    assert changed_fields(city) == ["LastModifiedDate", "BillingAddress.1"]
    assert changed_fields(city, "nulledFields") == ["BillingAddress.1"]
    assert city["BillingAddress"] is None
    assert changed_fields(nothing) == ["LastModifiedDate"]
    assert all(event["LastModifiedDate"] for event in (first, second, city, nothing))
    stream.cancel()


def test_a_delete_carries_nothing_but_the_id(rest: Rest, pubsub: PubSub) -> None:
    identifier = rest.create("Account", Name="Doomed")
    stream = since(pubsub, now_at(rest, pubsub))
    rest.delete("Account", identifier)
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert (header["changeType"], header["recordIds"]) == ("DELETE", [identifier])
    assert header["changedFields"] == []
    body = {name: value for name, value in event.items() if not name.startswith("_")}
    assert {value for name, value in body.items() if name != "ChangeEventHeader"} == {None}
    stream.cancel()


def test_a_line_and_its_deal_share_a_transaction_in_order(rest: Rest, pubsub: PubSub) -> None:
    deal = rest.create(
        "Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-31",
        CurrencyIsoCode="EUR",
    )  # fmt: skip
    soql = (
        "SELECT Id FROM PricebookEntry WHERE ProductCode = 'SUB-PLAT' AND CurrencyIsoCode = 'EUR'"
        " AND Pricebook2.IsStandard = FALSE"
    )
    entry = rest.query(soql)[0]["Id"]
    stream = since(pubsub, now_at(rest, pubsub))
    rest.create("OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=2)
    line, parent = stream.events(2)
    headers = [event["ChangeEventHeader"] for event in (line, parent)]
    assert [header["entityName"] for header in headers] == ["OpportunityLineItem", "Opportunity"]
    assert [header["sequenceNumber"] for header in headers] == [1, 2]
    assert len({header["transactionKey"] for header in headers}) == 1
    assert len({header["commitNumber"] for header in headers}) == 1
    assert parent["Amount"] == 12000.0
    assert {"Amount", "HasOpportunityLineItem", "Pricebook2Id"} <= set(changed_fields(parent))
    assert line["TotalPrice"] == 12000.0
    stream.cancel()


def test_equal_changes_of_one_transaction_are_merged(rest: Rest, pubsub: PubSub) -> None:
    ids = [rest.create("Account", Name=f"Merged {number}") for number in range(3)]
    stream = since(pubsub, now_at(rest, pubsub))
    records = [{"attributes": {"type": "Account"}, "id": one, "Phone": "7"} for one in ids]
    rest.call("PATCH", "/composite/sobjects", {"records": records})
    (event,) = stream.events(1)
    assert event["ChangeEventHeader"]["recordIds"] == ids
    assert event["Phone"] == "7"
    stream.cancel()


def test_a_transaction_that_is_rolled_back_leaves_no_event(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    records = [
        {"attributes": {"type": "Account"}, "Name": "Rolled back"},
        {"attributes": {"type": "Account"}},
    ]
    body = {"allOrNone": True, "records": records}
    assert rest.call("POST", "/composite/sobjects", body).json()[0]["success"] is False
    rest.create("Account", Name="Kept")
    (event,) = stream.events(1)
    assert event["Name"] == "Kept"
    stream.cancel()


def test_a_subscriber_gets_only_as_many_as_it_asked_for(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), num_requested=2)
    for number in range(3):
        rest.create("Account", Name=f"Flow {number} {uuid.uuid4()}")
    first = stream.events(2)
    stream.ask(num_requested=5)
    (third,) = stream.events(1)
    names = [event["Name"][:6] for event in (*first, third)]
    assert names == ["Flow 0", "Flow 1", "Flow 2"]
    positions = [replay_number(event["_replay"]) for event in (*first, third)]
    assert positions == sorted(set(positions))
    stream.cancel()


def test_what_is_still_owed_and_the_newest_position_are_told(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), num_requested=3)
    rest.create("Account", Name=f"Owed {uuid.uuid4()}")
    response = stream.response()
    assert response.pending_num_requested == 2
    assert response.latest_replay_id == response.events[-1].replay_id
    stream.cancel()


def test_more_than_a_hundred_outstanding_counts_as_a_hundred(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), num_requested=80)
    stream.ask(num_requested=80)
    rest.create("Account", Name=f"Capped {uuid.uuid4()}")
    response = stream.response()
    assert response.pending_num_requested in (79, 99)
    stream.cancel()


def test_a_position_of_eight_bytes_is_as_good_as_one_of_ten(rest: Rest, pubsub: PubSub) -> None:
    position = now_at(rest, pubsub)
    name = f"Eight {uuid.uuid4()}"
    rest.create("Account", Name=name)
    for replay in (position, position[:8]):
        stream = since(pubsub, replay)
        assert stream.events(1)[0]["Name"] == name
        stream.cancel()


def test_the_preset_latest_skips_what_was_before(rest: Rest, pubsub: PubSub) -> None:
    rest.create("Account", Name="Too early")
    stream = pubsub.subscribe(ACCOUNTS, replay_preset=LATEST)
    while not stream.has_more():  # the server begins to listen in its own time
        rest.create("Account", Name="In time")
    assert stream.events(1)[0]["Name"] == "In time"
    stream.cancel()


def test_an_objects_channel_carries_only_its_events(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), DEALS)
    rest.create("Account", Name="Not for this channel")
    rest.create("Opportunity", Name="For it", StageName="Prospecting", CloseDate="2026-12-31")
    assert stream.events(1)[0]["Name"] == "For it"
    stream.cancel()


@pytest.mark.parametrize(
    ("first", "status", "code"),
    [
        ({"num_requested": 0}, "INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid"),
        (
            {"replay_preset": CUSTOM},
            "INVALID_ARGUMENT",
            "subscription.fetch.replayid.validation.failed",
        ),
        (
            {"replay_preset": CUSTOM, "replay_id": b"abc"},
            "INVALID_ARGUMENT",
            "subscription.fetch.replayid.corrupted",
        ),
        (
            {"replay_preset": CUSTOM, "replay_id": (10**9).to_bytes(8, "big") + b"\0\0"},
            "INVALID_ARGUMENT",
            "subscription.fetch.replayid.corrupted",
        ),
    ],
)
def test_a_wrong_request_ends_the_stream_with_its_code(
    pubsub: PubSub, first: dict[str, Any], status: str, code: str
) -> None:
    stream = pubsub.subscribe(ACCOUNTS, **first)
    error = refused(stream.response)
    assert error.code().name == status
    assert error_code(error) == code
    stream.finish()


def test_another_topic_on_the_same_stream_is_refused(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), ACCOUNTS)
    stream.ask(topic_name=DEALS, num_requested=1)
    assert error_code(refused(stream.response)) == "subscription.fetch.topic.mismatch"
    stream.finish()


def test_unknown_topics_and_tokens_have_their_status(sandbox: Sandbox, pubsub: PubSub) -> None:
    error = refused(lambda: pubsub.topic("/data/NothingChangeEvent"))
    assert (error.code().name, error_code(error)) == ("NOT_FOUND", "topic.not.found")
    stranger = PubSub(sandbox, "00D!x")
    error = refused(lambda: stranger.topic(ACCOUNTS))
    assert (error.code().name, error_code(error)) == ("UNAUTHENTICATED", "service.auth.error")
    stranger.close()
    nobody = PubSub(sandbox, "", tenantid="")
    error = refused(lambda: nobody.topic(ACCOUNTS))
    assert error_code(error) == "service.auth.headers.invalid"
    nobody.close()


def test_events_older_than_the_retention_are_gone(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub
) -> None:
    position = now_at(rest, pubsub)
    sandbox.clock(advance_s=72 * 3600 + 60)
    stream = since(pubsub, position)
    assert error_code(refused(stream.response)) == "subscription.fetch.replayid.corrupted"
    stream.finish()
    name = f"Fresh {uuid.uuid4()}"
    rest.create("Account", Name=name)
    stream = pubsub.subscribe(ACCOUNTS, replay_preset=EARLIEST)
    assert stream.events(1)[0]["Name"] == name
    stream.cancel()


def test_a_half_closed_stream_ends_when_nothing_is_owed(rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub), num_requested=1)
    stream.finish()
    rest.create("Account", Name=f"Last {uuid.uuid4()}")
    assert len(stream.events(1)) == 1
    with pytest.raises(StopIteration):
        stream.response()


def event_rule(effect: str, **more: Any) -> dict[str, Any]:
    return {"system": "salesforce", "path": ACCOUNTS, "effect": effect, "times": 1, **more}


def test_a_duplicate_comes_twice_with_one_id(sandbox: Sandbox, rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    sandbox.faults(event_rule("event_duplicate"))
    rest.create("Account", Name=f"Twice {uuid.uuid4()}")
    first, second = stream.events(2)
    assert first["_id"] == second["_id"]
    assert first["_replay"] != second["_replay"]
    stream.cancel()


@pytest.mark.parametrize("effect", ["event_delay", "event_reorder"])
def test_a_held_event_comes_after_the_next_one(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub, effect: str
) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    sandbox.faults(event_rule(effect, seconds=0.5))
    rest.create("Account", Name="first")
    rest.create("Account", Name="second")
    assert [event["Name"] for event in stream.events(2)] == ["second", "first"]
    stream.cancel()


def test_a_gap_names_the_record_and_nothing_else(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub
) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    sandbox.faults(event_rule("event_gap"))
    identifier = rest.create("Account", Name="Lost on the way")
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert (header["changeType"], header["recordIds"]) == ("GAP_CREATE", [identifier])
    assert event["Name"] is None
    stream.cancel()


def test_an_overflow_names_only_the_object(sandbox: Sandbox, rest: Rest, pubsub: PubSub) -> None:
    stream = since(pubsub, now_at(rest, pubsub))
    sandbox.faults(event_rule("event_overflow"))
    rest.create("Account", Name="Too much")
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert (header["changeType"], header["recordIds"]) == ("GAP_OVERFLOW", [])
    assert header["entityName"] == "Account"
    stream.cancel()


def test_the_service_can_be_made_unavailable(sandbox: Sandbox, pubsub: PubSub) -> None:
    sandbox.faults(
        {
            "system": "salesforce",
            "method": "GRPC",
            "path": "/eventbus.v1.PubSub/*",
            "effect": "status",
            "times": 1,
        }
    )
    error = refused(lambda: pubsub.topic(ACCOUNTS))
    assert (error.code().name, error_code(error)) == ("INTERNAL", "service.unavailable")
    assert pubsub.topic(ACCOUNTS).can_subscribe


def test_a_stream_cut_after_a_delivery_can_be_taken_up_again(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub
) -> None:
    position = now_at(rest, pubsub)
    sandbox.faults(
        {
            "system": "salesforce",
            "method": "STREAM",
            "path": ALL,
            "effect": "drop_before_commit",
            "times": 1,
        }
    )
    stream = since(pubsub, position)
    name = f"Cut {uuid.uuid4()}"
    rest.create("Account", Name=name)
    assert refused(stream.response).code().name == "UNAVAILABLE"
    stream.finish()
    again = since(pubsub, position)
    assert again.events(1)[0]["Name"] == name
    again.cancel()


def test_a_revoked_token_ends_the_stream(sandbox: Sandbox, rest: Rest, pubsub: PubSub) -> None:
    other = Rest(sandbox, "admin")
    stream = since(pubsub, now_at(rest, pubsub))
    base = sandbox.salesforce["http"]
    sandbox.http.post(f"{base}/services/oauth2/revoke", data={"token": rest.token})
    other.create("Account", Name=f"Unseen {uuid.uuid4()}")
    assert refused(stream.response).code().name == "UNAUTHENTICATED"
    stream.finish()
