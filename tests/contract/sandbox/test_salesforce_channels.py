"""Which objects' changes are told, and where: what channel members select, as in a real org."""

from collections.abc import Iterator

import grpc
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.events_client import SAMPLE, Event, publish, status_and_code
from tests.contract.sandbox.salesforce_client import PubSub, Rest

ALL = "/data/ChangeEvents"
CUSTOM = 2


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


@pytest.fixture
def pubsub(sandbox: Sandbox, rest: Rest) -> Iterator[PubSub]:
    client = PubSub(sandbox, rest.token)
    yield client
    client.close()


def members(rest: Rest, channel: str) -> list[str]:
    soql = (
        "SELECT EventChannel, SelectedEntity FROM PlatformEventChannelMember"
        f" WHERE EventChannel = '{channel}'"
    )
    found = rest.call("GET", "/tooling/query", params={"q": soql}).json()
    return sorted(row["SelectedEntity"] for row in found["records"])


def test_the_standard_channel_has_the_members_of_all_package_directories(rest: Rest) -> None:
    assert members(rest, "ChangeEvents") == [
        "AccountChangeEvent",
        "ContactChangeEvent",
        "NS_Refund_Request__ChangeEvent",
        "OpportunityChangeEvent",
        "OpportunityContactRoleChangeEvent",
        "OpportunityLineItemChangeEvent",
        "OrderChangeEvent",
        "OrderItemChangeEvent",
        "PricebookEntryChangeEvent",
        "Product2ChangeEvent",
        "QuoteChangeEvent",
        "QuoteLineItemChangeEvent",
    ]


def test_changes_of_an_object_go_only_where_it_is_selected(rest: Rest, pubsub: PubSub) -> None:
    assert "CaseChangeEvent" in members(rest, "Rarely_Heard__chn")
    place = bytes(publish(pubsub, SAMPLE, Event(pubsub).made()).results[0].replay_id)
    case = rest.create("Case", Subject="Heard elsewhere")
    account = rest.create("Account", Name="Heard")
    for topic, identifier in (
        (ALL, account),
        ("/data/CaseChangeEvent", case),
        ("/data/Rarely_Heard__chn", case),
    ):
        stream = pubsub.subscribe(topic, replay_preset=CUSTOM, replay_id=place, num_requested=1)
        (event,) = stream.events(1)
        assert event["ChangeEventHeader"]["recordIds"] == [identifier]
        stream.cancel()


def test_an_object_that_nobody_selected_has_no_channel(rest: Rest, pubsub: PubSub) -> None:
    topic = "/data/NS_Transaction__ChangeEvent"
    with pytest.raises(grpc.RpcError) as caught:
        pubsub.topic(topic)
    assert status_and_code(caught.value) == ("NOT_FOUND", "topic.not.found")
    stream = pubsub.subscribe(topic, replay_preset=0, num_requested=1)
    with pytest.raises(grpc.RpcError) as caught:
        stream.response()
    assert status_and_code(caught.value) == ("NOT_FOUND", "topic.not.found")
    stream.finish()


def test_a_subscriber_can_lose_its_place_with_and_without_what_was_kept(
    own_sandbox: Sandbox,
) -> None:
    rest = Rest(own_sandbox)
    pubsub = PubSub(own_sandbox, rest.token)
    topic = "/data/AccountChangeEvent"
    place = bytes(publish(pubsub, SAMPLE, Event(pubsub).made()).results[0].replay_id)
    rest.create("Account", Name="Kept for now")

    def refused(effect: str, path: str) -> tuple[str, str]:
        own_sandbox.faults({"system": "salesforce", "effect": effect, "path": path, "times": 1})
        stream = pubsub.subscribe(topic, replay_preset=CUSTOM, replay_id=place, num_requested=1)
        with pytest.raises(grpc.RpcError) as caught:
            stream.response()
        stream.finish()
        return status_and_code(caught.value)

    def earliest() -> list[str]:
        rest.create("Account", Name="Newest")
        stream = pubsub.subscribe(topic, replay_preset=1, num_requested=100)
        names: list[str] = []
        while names[-1:] != ["Newest"]:
            names += [event["Name"] for event in stream.events(1)]
        stream.cancel()
        return names

    lost = ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")
    assert refused("replay_corrupted", topic) == lost
    assert "Kept for now" in earliest()
    assert refused("retention_exceeded", "/eventbus.v1.PubSub/Subscribe") == lost
    assert earliest() == ["Newest"]
    again = pubsub.subscribe(topic, replay_preset=CUSTOM, replay_id=place, num_requested=1)
    with pytest.raises(grpc.RpcError) as caught:
        again.response()
    assert status_and_code(caught.value) == lost
    again.finish()
    pubsub.close()


def test_the_tooling_api_selects_an_object_and_lets_it_go(rest: Rest, pubsub: PubSub) -> None:
    path = "/tooling/sobjects/PlatformEventChannelMember"
    event = "NS_Transaction__ChangeEvent"
    wish = {"eventChannel": "ChangeEvents", "selectedEntity": event}
    body = {"FullName": f"ChangeEvents_{event}", "Metadata": wish}
    answer = rest.call("POST", path, body)
    assert answer.status_code == 201, answer.text
    member = answer.json()["id"]
    assert event in members(rest, "ChangeEvents")
    assert pubsub.topic(f"/data/{event}").can_subscribe is True
    assert rest.refused("POST", path, body)[1]["errorCode"] == "DUPLICATE_VALUE"
    assert rest.call("DELETE", f"{path}/{member}").status_code == 204
    assert event not in members(rest, "ChangeEvents")
    assert rest.call("DELETE", f"{path}/{member}").status_code == 404
    with pytest.raises(grpc.RpcError):
        pubsub.topic(f"/data/{event}")
    for channel, entity, field in (
        ("Nowhere__chn", event, "eventChannel"),
        ("ChangeEvents", "UserChangeEvent", "selectedEntity"),
    ):
        wish = {"eventChannel": channel, "selectedEntity": entity}
        _, error = rest.refused("POST", path, {"Metadata": wish})
        assert (error["errorCode"], error["fields"]) == ("INVALID_CROSS_REFERENCE_KEY", [field])


def test_a_member_that_was_deployed_can_be_let_go_for_good(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    soql = (
        "SELECT Id FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"
        " AND SelectedEntity = 'Product2ChangeEvent'"
    )
    (found,) = rest.call("GET", "/tooling/query", params={"q": soql}).json()["records"]
    path = f"/tooling/sobjects/PlatformEventChannelMember/{found['Id']}"
    assert rest.call("DELETE", path).status_code == 204
    own_sandbox.kill()
    own_sandbox.start()
    left = members(Rest(own_sandbox), "ChangeEvents")
    assert "Product2ChangeEvent" not in left
    assert "AccountChangeEvent" in left
