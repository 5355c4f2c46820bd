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
        "OpportunityLineItemChangeEvent",
        "OrderChangeEvent",
        "OrderItemChangeEvent",
        "PricebookEntryChangeEvent",
        "Product2ChangeEvent",
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
