"""Managed subscriptions: the org remembers how far a subscriber has come."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.events_client import SAMPLE, Event, Stream, publish
from tests.contract.sandbox.salesforce_client import WITHIN_S, PubSub, Rest

NAME = "Managed_Sample_PE"


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


@pytest.fixture
def managed(rest: Rest) -> Iterator[dict[str, Any]]:
    """A subscription of its own, from the first event on."""
    name = f"Test_{uuid.uuid4().hex}"
    settings = {"topicName": SAMPLE, "defaultReplay": "EARLIEST", "state": "RUN"}
    body = {"FullName": name, "Metadata": {**settings, "errorRecoveryReplay": "LATEST"}}
    answer = rest.call("POST", "/tooling/sobjects/ManagedEventSubscription", body)
    assert answer.status_code == 201, answer.text
    yield {"id": answer.json()["id"], "name": name}
    rest.call("DELETE", f"/tooling/sobjects/ManagedEventSubscription/{answer.json()['id']}")


def opened(pubsub: PubSub, **first: Any) -> Stream:
    stream = Stream(pubsub, "ManagedSubscribe", "ManagedFetchRequest", "ManagedFetchResponse")
    stream.send(**first)
    return stream


def events_of(stream: Stream, count: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < count:
        found += stream.answer().events
    return found


def test_the_tooling_api_tells_what_is_configured(rest: Rest) -> None:
    soql = (
        "SELECT Id, DeveloperName, Metadata FROM ManagedEventSubscription"
        f" WHERE DeveloperName='{NAME}' LIMIT 1"
    )
    answer = rest.call("GET", "/tooling/query/", params={"q": soql}).json()
    (found,) = answer["records"]
    assert answer["size"] == 1
    assert found["Id"].startswith("18x")
    assert (found["Metadata"]["topicName"], found["Metadata"]["state"]) == (SAMPLE, "RUN")
    by_id = soql.replace(f"DeveloperName='{NAME}'", f"Id='{found['Id'][:15]}'")
    assert rest.call("GET", "/tooling/query", params={"q": by_id}).json()["size"] == 1
    nobody = soql.replace(NAME, "INVALID")
    assert rest.call("GET", "/tooling/query", params={"q": nobody}).json()["size"] == 0


def test_a_subscriber_goes_on_where_it_committed(
    pubsub: PubSub, sample: Event, managed: dict[str, Any]
) -> None:
    publish(pubsub, SAMPLE, sample.made())
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(stream, 1)  # whatever is the first in the bus
    stream.close()
    names = [str(uuid.uuid4()) for _ in range(3)]
    places = publish(pubsub, SAMPLE, *(sample.made(name) for name in names)).results
    stream = opened(pubsub, subscription_id=managed["id"], num_requested=1)
    events_of(stream, 1)
    stream.send(
        commit_replay_id_request={"commit_request_id": "c1", "replay_id": places[0].replay_id}
    )
    told = stream.answer().commit_response
    assert (told.commit_request_id, told.replay_id) == ("c1", places[0].replay_id)
    assert told.process_time > 0
    assert not told.HasField("error")
    stream.close()
    again = opened(pubsub, developer_name=managed["name"], num_requested=2)
    assert [event.event.id for event in events_of(again, 2)] == names[1:]
    again.cancel()


def test_a_commit_that_fails_is_told_and_the_stream_goes_on(
    pubsub: PubSub, sample: Event, managed: dict[str, Any]
) -> None:
    publish(pubsub, SAMPLE, sample.made())
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(stream, 1)
    stream.send(commit_replay_id_request={"commit_request_id": "bad", "replay_id": b"nowhere"})
    told = stream.answer().commit_response
    assert (told.commit_request_id, told.error.code) == ("bad", 2)
    publish(pubsub, SAMPLE, sample.made())
    stream.send(num_requested=1)
    assert len(events_of(stream, 1)) == 1
    stream.cancel()


def test_one_client_at_a_time(pubsub: PubSub, sample: Event, managed: dict[str, Any]) -> None:
    publish(pubsub, SAMPLE, sample.made())
    first = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(first, 1)
    second = opened(pubsub, developer_name=managed["name"], num_requested=1)
    assert second.refusal() == ("ALREADY_EXISTS", "managed.subscription.already.active")
    first.cancel()
    second.finish()


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"num_requested": 1}, "id.or.developer.name.empty"),
        ({"num_requested": 1, "developer_name": "INVALID"}, "developer.name.not.found"),
        ({"num_requested": 1, "subscription_id": "INVALID"}, "subscription.id.invalid"),
        (
            {"num_requested": 1, "subscription_id": "18x000000000000AAA"},
            "subscription.id.not.found",
        ),
        ({"num_requested": 1, "developer_name": "Managed_Inactive_Sample_PE"}, "config.stopped"),
        ({"num_requested": 0, "developer_name": NAME}, "fetch.request.events.invalid"),
        (
            {"developer_name": NAME, "commit_replay_id_request": {"replay_id": b"x"}},
            "fetch.request.commit.request.restricted",
        ),
        (
            {"num_requested": 1, "developer_name": NAME, "auth_refresh": "x"},
            "fetch.request.auth.request.restricted",
        ),
    ],
)
def test_a_wrong_first_request_has_its_own_code(
    pubsub: PubSub, first: dict[str, Any], code: str
) -> None:
    stream = opened(pubsub, **first)
    assert stream.refusal()[1] == f"managed.subscription.{code}"
    stream.finish()


def test_a_subscription_that_is_stopped_or_deleted_ends_its_stream(
    rest: Rest, pubsub: PubSub, sample: Event, managed: dict[str, Any]
) -> None:
    path = f"/tooling/sobjects/ManagedEventSubscription/{managed['id']}"
    publish(pubsub, SAMPLE, sample.made())
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(stream, 1)
    rest.call("PATCH", path, {"Metadata": {"state": "STOP"}})
    stream.send(num_requested=1)
    assert stream.refusal()[1] == "managed.subscription.config.stopped"
    stream.finish()
    rest.call("PATCH", path, {"Metadata": {"state": "RUN"}})
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(stream, 1)
    rest.call("DELETE", path)
    stream.send(num_requested=1)
    assert stream.refusal()[1] == "managed.subscription.config.deleted"
    stream.finish()


def test_after_a_loss_a_subscriber_goes_on_as_the_configuration_says(
    sandbox: Sandbox, pubsub: PubSub, sample: Event, managed: dict[str, Any]
) -> None:
    made = publish(pubsub, SAMPLE, sample.made())
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    events_of(stream, 1)
    commit = {"commit_request_id": "1", "replay_id": made.results[0].replay_id}
    stream.send(commit_replay_id_request=commit)
    assert stream.answer().commit_response.commit_request_id == "1"
    stream.finish()
    publish(pubsub, SAMPLE, sample.made())
    rule = {"system": "salesforce", "effect": "replay_corrupted", "path": SAMPLE, "times": 1}
    sandbox.faults(rule)
    stream = opened(pubsub, developer_name=managed["name"], num_requested=1)
    address = f"{sandbox.endpoints['sandbox_admin']}/faults"
    deadline = time.monotonic() + WITHIN_S
    while sandbox.http.get(address).json()["rules"][0]["times"]:
        assert time.monotonic() < deadline
    latest = publish(pubsub, SAMPLE, sample.made()).results[0].replay_id
    (event,) = events_of(stream, 1)
    assert event.replay_id == latest
    stream.finish()
