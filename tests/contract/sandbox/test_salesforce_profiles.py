"""Orgs of another kind: one currency, an older release, little patience."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import PubSub, Rest, Subscriber


@pytest.fixture
def org(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "state", "--profile", request.param)
    running.start()
    yield running
    running.stop()
    running.http.close()


@pytest.mark.parametrize("org", ["single-currency"], indirect=True)
def test_an_org_with_one_currency_has_no_currency_fields(org: Sandbox) -> None:
    rest = Rest(org)
    names = {
        field["name"] for field in rest.call("GET", "/sobjects/Account/describe").json()["fields"]
    }
    assert "CurrencyIsoCode" not in names
    (deal,) = rest.query("SELECT Amount FROM Opportunity WHERE Name = 'Renewal 2027'")
    assert deal["Amount"] == 10000.0
    told = "Account.Name IN ('Acme GmbH', 'Globex Inc')"
    (total,) = rest.query(f"SELECT SUM(Amount) s FROM Opportunity WHERE {told}")
    assert total["s"] == 17100.0
    assert rest.refused("GET", "/sobjects/CurrencyType")[0] == 404
    identifier = rest.create("Account", Name="One currency")
    pubsub = PubSub(org, rest.token)
    stream = pubsub.subscribe("/data/AccountChangeEvent", replay_preset=1)
    while identifier not in stream.events(1)[0]["ChangeEventHeader"]["recordIds"]:
        pass
    stream.cancel()
    pubsub.close()


@pytest.mark.parametrize("org", ["salesforce-v66"], indirect=True)
def test_an_older_release_does_not_know_the_newer_versions(org: Sandbox) -> None:
    rest = Rest(org)
    assert org.salesforce["api_version"] == "66.0"
    assert rest.call("GET", "/limits").status_code == 404
    assert rest.call("GET", f"{rest.root.replace('68.0', '66.0')}/limits").status_code == 200


def first_with_events(stream: Subscriber) -> Any:
    """The next answer that is more than a sign of life."""
    while True:
        found = stream.response()
        if found.events:
            return found


@pytest.mark.parametrize("org", ["impatient"], indirect=True)
def test_silence_is_spoken_and_idleness_ended_and_sessions_run_out(org: Sandbox) -> None:
    rest = Rest(org)
    pubsub = PubSub(org, rest.token)
    stream = pubsub.subscribe("/data/ChangeEvents", replay_preset=0)
    quiet = stream.response()
    assert (len(quiet.events), quiet.pending_num_requested) == (0, 100)
    assert len(quiet.latest_replay_id) == 10
    stream.cancel()
    idle = pubsub.subscribe("/data/ChangeEvents", replay_preset=0, num_requested=1)
    assert not idle.response().events  # only now the subscription is known to stand
    rest.create("Account", Name="The only one asked for")
    assert len(first_with_events(idle).events) == 1
    with pytest.raises(StopIteration):
        idle.response()
    pubsub.close()
    time.sleep(6)
    status, error = rest.refused("GET", "/limits")
    assert (status, error["errorCode"]) == (401, "INVALID_SESSION_ID")
    stale = PubSub(org, rest.token)
    with pytest.raises(grpc.RpcError) as refused:
        stale.topic("/data/ChangeEvents")
    assert refused.value.code().name == "UNAUTHENTICATED"
    stale.close()
