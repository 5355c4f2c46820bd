"""Platform events: published over gRPC and REST, and delivered like changes."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.events_client import (
    SAMPLE,
    Event,
    Stream,
    publish,
    refused,
    status_and_code,
)
from tests.contract.sandbox.salesforce_client import PubSub, Rest, _messages, replay_number

LATEST, EARLIEST, CUSTOM = 0, 1, 2


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


@pytest.fixture(scope="module")
def pubsub(sandbox: Sandbox, rest: Rest) -> Iterator[PubSub]:
    client = PubSub(sandbox, rest.token)
    yield client
    client.close()


@pytest.fixture(scope="module")
def sample(pubsub: PubSub) -> Event:
    return Event(pubsub)


def test_an_events_schema_has_its_maker_first_and_may_be_published(pubsub: PubSub) -> None:
    topic = pubsub.topic(SAMPLE)
    assert (topic.can_publish, topic.can_subscribe) == (True, True)
    fields: list[dict[str, Any]] = json.loads(pubsub.schema(topic.schema_id).schema_json)["fields"]
    assert [(field["name"], field["type"]) for field in fields] == [
        ("CreatedDate", "long"),
        ("CreatedById", "string"),
        ("Message__c", ["null", "string"]),
    ]
    assert pubsub.topic("/data/AccountChangeEvent").can_publish is False


def test_what_is_published_is_delivered_as_it_was_with_the_position_told(
    sandbox: Sandbox, pubsub: PubSub, sample: Event
) -> None:
    start = sandbox.end_of_journal("salesforce")
    first = publish(pubsub, SAMPLE, sample.made(Message__c="before"))
    name = str(uuid.uuid4())
    answer = publish(pubsub, SAMPLE, sample.made(name, Message__c="one"), sample.made())
    assert answer.schema_id == sample.schema_id
    assert answer.rpc_id
    assert [result.correlation_key == name for result in answer.results] == [True, False]
    stream = pubsub.subscribe(
        SAMPLE, replay_preset=CUSTOM, replay_id=first.results[0].replay_id, num_requested=2
    )
    one, two = stream.events(2)
    assert (one["_id"], one["Message__c"], two["Message__c"]) == (name, "one", None)
    assert [one["_replay"], two["_replay"]] == [result.replay_id for result in answer.results]
    stream.cancel()
    written = [entry for entry in sandbox.journal("salesforce", start) if entry["mutations"]]
    assert [entry["path"] for entry in written] == ["/eventbus.v1.PubSub/Publish"] * 2
    assert written[1]["mutations"][0]["after"]["Message__c"] == "one"


def test_a_platform_event_is_no_change_of_a_record(pubsub: PubSub, sample: Event) -> None:
    changes = pubsub.subscribe("/data/ChangeEvents", replay_preset=LATEST, num_requested=1)
    publish(pubsub, SAMPLE, sample.made())
    assert not changes.has_more()
    changes.cancel()


def test_a_custom_channel_carries_its_members_only(
    rest: Rest, pubsub: PubSub, sample: Event
) -> None:
    place = publish(pubsub, SAMPLE, sample.made()).results[0].replay_id
    other = Event(pubsub, "/event/CarMaintenance__e")
    publish(pubsub, other.topic, other.made(Mileage__c=95443.0, Cost__c=99.4))
    account = rest.create("Account", Name=f"Channel {uuid.uuid4()}")
    rest.create("Contact", LastName="Not a member", AccountId=account)
    deal = {"Name": "Member", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
    rest.create("Opportunity", **deal)
    after: dict[str, Any] = {"replay_preset": CUSTOM, "replay_id": place}
    data = pubsub.subscribe("/data/Order_To_Cash__chn", **after)
    found = [event["ChangeEventHeader"]["entityName"] for event in data.events(2)]
    assert found == ["Account", "Opportunity"]
    events = pubsub.subscribe("/event/Samples__chn", **after)
    assert events.events(1)[0]["Cost__c"] == 99.4
    data.cancel()
    events.cancel()


def test_an_event_over_rest_is_queued_with_its_id(rest: Rest, pubsub: PubSub) -> None:
    place = publish(pubsub, SAMPLE, Event(pubsub).made()).results[0].replay_id
    answer = rest.call("POST", "/sobjects/Sample__e", {"Message__c": "by REST"})
    assert answer.status_code == 201
    (queued,) = answer.json()["errors"]
    assert (answer.json()["success"], queued["statusCode"]) == (True, "OPERATION_ENQUEUED")
    stream = pubsub.subscribe(SAMPLE, replay_preset=CUSTOM, replay_id=place)
    (event,) = stream.events(1)
    stream.cancel()
    assert (event["_id"], event["Message__c"]) == (queued["message"], "by REST")
    status, error = rest.refused("POST", "/sobjects/Sample__e", {"Nothing__c": 1})
    assert (status, error["errorCode"]) == (400, "INVALID_FIELD")
    schema = rest.call("GET", "/sobjects/Sample__e/eventSchema").json()
    again = rest.call("GET", f"/event/eventSchema/{schema['uuid']}").json()
    assert schema == again
    assert schema["name"] == "Sample__e"


def test_a_wrong_publication_says_what_is_wrong(pubsub: PubSub, sample: Event) -> None:
    right = sample.made()
    assert refused(pubsub, "", right) == ("INVALID_ARGUMENT", "publish.topic.validation.empty")
    assert refused(pubsub, SAMPLE) == ("INVALID_ARGUMENT", "publish.event.count.invalid")
    unknown = refused(pubsub, "/event/INVALID", right)
    assert unknown == ("PERMISSION_DENIED", "topic.meta.permission")
    assert refused(pubsub, "/data/AccountChangeEvent", right)[0] == "PERMISSION_DENIED"
    stranger = sample.raw(b"", schema_id="AAAAAAAAAAAAAAAAAAAAAA")
    assert refused(pubsub, SAMPLE, stranger) == ("INVALID_ARGUMENT", "schema.validation.failed")


def test_one_bad_event_of_a_batch_is_told_and_the_others_are_taken(
    pubsub: PubSub, sample: Event
) -> None:
    good = sample.made(Message__c="good")
    large = sample.made(Message__c="x" * (1024 * 1024 + 1))
    answer = publish(
        pubsub, SAMPLE, good, sample.raw(b"\xff"), sample.raw(good.payload + b"1"), large, good
    )
    assert [result.HasField("error") for result in answer.results] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert [result.error.code for result in answer.results][1] == 1
    assert all(result.correlation_key for result in answer.results)
    places = [replay_number(answer.results[at].replay_id) for at in (0, 4)]
    assert places[1] == places[0] + 1


def test_a_publish_stream_answers_each_batch_in_order(pubsub: PubSub, sample: Event) -> None:
    stream = Stream(pubsub, "PublishStream", "PublishRequest", "PublishResponse")
    stream.send(topic_name=SAMPLE, events=[sample.made("a"), sample.made("b")])
    stream.send(events=[sample.made("c")])
    keys = [[result.correlation_key for result in stream.answer().results] for _ in range(2)]
    assert keys == [["a", "b"], ["c"]]
    stream.send(topic_name="/event/CarMaintenance__e", events=[sample.made()])
    assert stream.refusal() == ("INVALID_ARGUMENT", "publish.topic.mismatch")
    stream.finish()


def test_a_finished_publish_stream_ends_well(pubsub: PubSub, sample: Event) -> None:
    stream = Stream(pubsub, "PublishStream", "PublishRequest", "PublishResponse")
    stream.send(topic_name=SAMPLE, events=[sample.made()])
    stream.finish()
    assert len(stream.answer().results) == 1
    with pytest.raises(StopIteration):
        stream.answer()


def test_an_answer_can_be_lost_after_the_event_was_taken(
    sandbox: Sandbox, pubsub: PubSub, sample: Event
) -> None:
    place = publish(pubsub, SAMPLE, sample.made()).results[0].replay_id
    sandbox.faults(
        {
            "system": "salesforce",
            "method": "GRPC",
            "path": "/eventbus.v1.PubSub/Publish",
            "effect": "drop_after_commit",
            "times": 1,
        }
    )
    name = str(uuid.uuid4())
    assert refused(pubsub, SAMPLE, sample.made(name))[0] == "UNAVAILABLE"
    stream = pubsub.subscribe(SAMPLE, replay_preset=CUSTOM, replay_id=place)
    assert stream.events(1)[0]["_id"] == name
    stream.cancel()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("subscription.limit.exceeded", "RESOURCE_EXHAUSTED"),
        ("concurrent.client.limit.exceeded", "RESOURCE_EXHAUSTED"),
        ("service.tenant.license", "PERMISSION_DENIED"),
        ("subscription.fetch.replayid.corrupted", "INVALID_ARGUMENT"),
    ],
)
def test_any_documented_refusal_can_be_asked_for(
    sandbox: Sandbox, pubsub: PubSub, code: str, status: str
) -> None:
    rule = {"system": "salesforce", "method": "GRPC", "effect": "status", "times": 1}
    sandbox.faults({**rule, "body": {"error_code": code}})
    stream = pubsub.subscribe(SAMPLE)
    with pytest.raises(grpc.RpcError) as caught:
        stream.response()
    assert status_and_code(caught.value) == (status, code)
    stream.finish()


def test_bytes_that_are_no_message_are_refused_without_a_trace(pubsub: PubSub) -> None:
    def call(name: str, answer: str, raw: bytes) -> grpc.RpcError:
        method = pubsub.channel.unary_unary(
            f"/eventbus.v1.PubSub/{name}",
            request_serializer=lambda given: given,
            response_deserializer=_messages()[answer].FromString,
        )
        with pytest.raises(grpc.RpcError) as caught:
            method(raw, metadata=pubsub.metadata, timeout=10)
        return caught.value

    for name, answer in (
        ("GetTopic", "TopicInfo"),
        ("GetSchema", "SchemaInfo"),
        ("Publish", "PublishResponse"),
    ):
        error = call(name, answer, b"\xff\xff\xff\xff")
        assert status_and_code(error) == ("INTERNAL", "subscription.internal.error")
        assert "Error" not in error.details()
