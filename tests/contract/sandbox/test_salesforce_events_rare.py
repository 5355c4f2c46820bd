"""Changes and bad days that subscribers meet seldom: merges, undeletion, tokens that die."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import grpc
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.events_client import SAMPLE, Event, publish, status_and_code
from tests.contract.sandbox.salesforce_client import PubSub, Rest, Subscriber, changed_fields

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


def position(pubsub: PubSub) -> bytes:
    """The end of the bus: that of an event made now, since one counter serves all channels."""
    return bytes(publish(pubsub, SAMPLE, Event(pubsub).made()).results[0].replay_id)


def following(pubsub: PubSub) -> Subscriber:
    """Every change from now on."""
    return pubsub.subscribe(ALL, replay_preset=CUSTOM, replay_id=position(pubsub))


def soap(rest: Rest, operation: str) -> None:
    text = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns="urn:partner.soap.sforce.com"><e:Header><SessionHeader><sessionId>'
        f"{rest.token}</sessionId></SessionHeader></e:Header><e:Body>{operation}</e:Body>"
        "</e:Envelope>"
    )
    host = rest.root.partition("/services/")[0]
    org = rest.sandbox.salesforce["org_id"]
    answer = rest.sandbox.http.post(f"{host}/services/Soap/u/68.0/{org}", content=text.encode())
    result = ElementTree.fromstring(answer.content)[0][0][0]
    assert "true" in [child.text for child in result], answer.text


def heads(events: list[dict[str, Any]]) -> list[tuple[str, str, list[str], int]]:
    found = [event["ChangeEventHeader"] for event in events]
    return [
        (head["entityName"], head["changeType"], head["recordIds"], head["sequenceNumber"])
        for head in found
    ]


def test_a_merge_is_one_transaction_of_moved_children_and_a_gone_loser(
    rest: Rest, pubsub: PubSub
) -> None:
    master = rest.create("Account", Name="Master")
    loser = rest.create("Account", Name="Loser")
    child = rest.create("Contact", LastName="Child", AccountId=loser)
    stream = following(pubsub)
    soap(
        rest,
        f"<merge><request><masterRecord><type>Account</type><Id>{master}</Id><Fax>9</Fax>"
        f"</masterRecord><recordToMergeIds>{loser}</recordToMergeIds></request></merge>",
    )
    events = stream.events(3)
    stream.cancel()
    assert len({event["ChangeEventHeader"]["transactionKey"] for event in events}) == 1
    assert {head[:2]: head[2] for head in heads(events)} == {
        ("Account", "UPDATE"): [master],
        ("Account", "DELETE"): [loser],
        ("Contact", "UPDATE"): [child],
    }
    moved = next(e for e in events if e["ChangeEventHeader"]["entityName"] == "Contact")
    assert moved["AccountId"] == master
    assert "AccountId" in changed_fields(moved)
    assert sorted(head[3] for head in heads(events)) == [1, 2, 3]


def test_a_channel_may_bring_fields_that_did_not_change(rest: Rest, pubsub: PubSub) -> None:
    """The practice channel adds the account's number."""
    account = rest.create("Account", Name="Rich", AccountNumber="A-1")
    place = position(pubsub)
    rest.update("Account", account, Fax="1")
    rest.update("Account", account, AccountNumber="A-2")
    rest.delete("Account", account)
    plain = pubsub.subscribe(ALL, replay_preset=CUSTOM, replay_id=place)
    topic = "/data/Order_To_Cash__chn"
    rich = pubsub.subscribe(topic, replay_preset=CUSTOM, replay_id=place)
    found, added = plain.events(3), rich.events(3)
    assert [event["AccountNumber"] for event in found] == [None, "A-2", None]
    assert [event["AccountNumber"] for event in added] == ["A-1", "A-2", "A-2"]
    assert [event["_replay"] for event in found] == [event["_replay"] for event in added]
    assert "AccountNumber" not in changed_fields(added[0])
    assert added[0]["Fax"] == "1"
    plain.cancel()
    rich.cancel()


def test_what_comes_back_from_the_recycle_bin_comes_whole(rest: Rest, pubsub: PubSub) -> None:
    account = rest.create("Account", Name="Phoenix", Fax="1")
    rest.delete("Account", account)
    stream = following(pubsub)
    soap(rest, f"<undelete><ids>{account}</ids></undelete>")
    (event,) = stream.events(1)
    stream.cancel()
    assert heads([event]) == [("Account", "UNDELETE", [account], 1)]
    assert (event["Name"], event["Fax"]) == ("Phoenix", "1")
    assert event["ChangeEventHeader"]["changedFields"] == []


def test_a_token_may_die_in_the_middle_of_a_stream(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub
) -> None:
    stream = following(pubsub)
    rest.create("Account", Name="Still seen")
    assert stream.events(1)[0]["Name"] == "Still seen"
    rule = {"system": "salesforce", "method": "STREAM", "path": ALL, "times": 1}
    sandbox.faults({**rule, "effect": "token_dead"})
    rest.create("Account", Name="Unseen")
    with pytest.raises(grpc.RpcError) as caught:
        stream.response()
    assert status_and_code(caught.value) == ("UNAUTHENTICATED", "service.auth.error")
    assert rest.call("GET", "/limits").status_code == 401
    stream.finish()


def test_a_stream_can_be_refused_in_its_middle_with_any_code(
    sandbox: Sandbox, rest: Rest, pubsub: PubSub
) -> None:
    stream = following(pubsub)
    code = "subscription.limit.exceeded"
    rule = {"system": "salesforce", "method": "STREAM", "path": ALL, "times": 1}
    sandbox.faults({**rule, "effect": "status", "body": {"error_code": code}})
    rest.create("Account", Name="Over the limit")
    with pytest.raises(grpc.RpcError) as caught:
        stream.response()
    assert status_and_code(caught.value) == ("RESOURCE_EXHAUSTED", code)
    stream.finish()


def test_who_comes_back_after_three_days_has_lost_events(sandbox: Sandbox, pubsub: PubSub) -> None:
    place = position(pubsub)
    sandbox.clock(advance_s=73 * 3600)
    late = pubsub.subscribe(ALL, replay_preset=CUSTOM, replay_id=place)
    with pytest.raises(grpc.RpcError) as caught:
        late.response()
    assert status_and_code(caught.value) == (
        "INVALID_ARGUMENT",
        "subscription.fetch.replayid.corrupted",
    )
    late.finish()
