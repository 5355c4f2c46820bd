"""Bad days on request, and what outlives a process that was killed."""

import time
import uuid
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import PubSub, Rest


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def rule(effect: str, **more: Any) -> dict[str, Any]:
    return {
        "system": "salesforce",
        "method": "POST",
        "path": "/sobjects/Account",
        "effect": effect,
        "times": 1,
        **more,
    }


def named(rest: Rest, name: str) -> list[dict[str, Any]]:
    return rest.query(f"SELECT Id FROM Account WHERE Name = '{name}'")


@pytest.mark.parametrize(("effect", "kept"), [("drop_before_commit", 0), ("drop_after_commit", 1)])
def test_an_answer_can_be_lost_before_or_after_the_commit(
    sandbox: Sandbox, rest: Rest, effect: str, kept: int
) -> None:
    name = f"Lost {uuid.uuid4()}"
    start = sandbox.end_of_journal("salesforce")
    sandbox.faults(rule(effect))
    with pytest.raises(httpx.RemoteProtocolError):
        rest.call("POST", "/sobjects/Account", {"Name": name})
    assert len(named(rest, name)) == kept
    entry = sandbox.journal("salesforce", start)[0]
    assert (entry["effect"], entry["status"], len(entry["mutations"])) == (effect, 0, kept)


def test_a_commit_can_come_after_the_client_has_given_up(sandbox: Sandbox, rest: Rest) -> None:
    name = f"Late {uuid.uuid4()}"
    sandbox.faults(rule("commit_late", seconds=1.5))
    with pytest.raises(httpx.ReadTimeout):
        rest.call("POST", "/sobjects/Account", {"Name": name}, timeout=0.2)
    assert named(rest, name) == []
    deadline = time.monotonic() + 30
    while not named(rest, name) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(named(rest, name)) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "SERVER_UNAVAILABLE"), (403, "REQUEST_LIMIT_EXCEEDED"), (500, "UNKNOWN_EXCEPTION")],
)
def test_a_status_comes_in_the_vendors_words_and_nothing_happens(
    sandbox: Sandbox, rest: Rest, status: int, code: str
) -> None:
    name = f"Refused {uuid.uuid4()}"
    sandbox.faults(rule("status", status=status))
    found, error = rest.refused("POST", "/sobjects/Account", {"Name": name})
    assert (found, error["errorCode"]) == (status, code)
    assert named(rest, name) == []


def test_a_fault_may_bring_its_own_body(sandbox: Sandbox, rest: Rest) -> None:
    body = [{"message": "unable to obtain exclusive access", "errorCode": "UNABLE_TO_LOCK_ROW"}]
    sandbox.faults(rule("status", status=400, body=body))
    assert rest.refused("POST", "/sobjects/Account", {"Name": "x"}) == (400, body[0])


def test_a_token_that_dies_stays_dead(sandbox: Sandbox, rest: Rest) -> None:
    sandbox.faults(rule("token_dead"))
    for _ in range(2):
        status, error = rest.refused("POST", "/sobjects/Account", {"Name": "x"})
        assert (status, error["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_the_journal_tells_who_changed_what_from_what_to_what(sandbox: Sandbox, rest: Rest) -> None:
    identifier = rest.create("Account", Name="Journaled", Phone="1")
    start = sandbox.end_of_journal("salesforce")
    rest.update("Account", identifier, Phone="2")
    rest.get("Account", identifier)
    update, read = sandbox.journal("salesforce", start)
    assert update["actor"] == sandbox.salesforce["username"]
    (mutation,) = update["mutations"]
    assert (mutation["record"], mutation["id"], mutation["operation"]) == (
        "Account",
        identifier,
        "update",
    )
    assert (mutation["before"]["Phone"], mutation["after"]["Phone"]) == ("1", "2")
    assert (read["method"], read["mutations"]) == ("GET", [])


def test_the_log_holds_no_values_of_records_or_queries(sandbox: Sandbox, rest: Rest) -> None:
    secret = f"Secret{uuid.uuid4().hex}"
    rest.create("Account", Name=secret, NS_Customer_Id__c=secret[:32])
    named(rest, secret)
    rest.call("GET", f"/sobjects/Account/NS_Customer_Id__c/{secret[:32]}")
    log = sandbox.log()
    assert secret not in log
    assert secret[:32] not in log
    assert "/services/data/{version}/sobjects/{object}/{field}/{value}" in log


def test_what_was_committed_outlives_a_kill(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    pubsub = PubSub(own_sandbox, rest.token)
    stream = pubsub.subscribe("/data/AccountChangeEvent", replay_preset=1)
    rest.create("Account", Name="Before the kill")
    while (event := stream.events(1)[0])["Name"] != "Before the kill":
        pass
    stream.finish()
    addresses, end = own_sandbox.endpoints, own_sandbox.end_of_journal("salesforce")
    rest.create("Account", Name="Unread")
    own_sandbox.kill()
    pubsub.close()
    own_sandbox.start()
    assert own_sandbox.endpoints == addresses
    assert len(named(rest, "Before the kill")) == 1
    assert own_sandbox.journal("salesforce", end)[0]["mutations"][0]["after"]["Name"] == "Unread"
    again = PubSub(own_sandbox, rest.token)
    stream = again.subscribe(
        "/data/AccountChangeEvent", replay_preset=2, replay_id=event["_replay"]
    )
    assert stream.events(1)[0]["Name"] == "Unread"
    stream.cancel()
    again.close()


def test_a_seed_can_be_loaded_again_and_ids_are_not_used_twice(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    before = {record["Id"] for record in rest.query("SELECT Id FROM Account")}
    own_sandbox.seed("empty")
    assert rest.query("SELECT Id FROM Account") == []
    assert len(rest.query("SELECT Id FROM Product2")) == 5
    own_sandbox.seed("demo")
    after = {record["Id"] for record in rest.query("SELECT Id FROM Account")}
    assert len(after) == len(before)
    assert not before & after


def test_a_seed_file_is_loaded_on_top_of_the_catalogue(own_sandbox: Sandbox) -> None:
    path = own_sandbox.state / "seed.json"
    path.write_text(
        '{"salesforce": {"Account": [{"_ref": "a", "Name": "From a file"}],'
        ' "Opportunity": [{"Name": "O", "AccountId": "@a", "StageName": "Prospecting",'
        ' "CloseDate": "@today+3"}]}}'
    )
    own_sandbox.seed(str(path))
    (deal,) = Rest(own_sandbox).query("SELECT Account.Name FROM Opportunity")
    assert deal["Account"]["Name"] == "From a file"


def test_a_wrong_rule_or_clock_is_refused_with_the_remedy(sandbox: Sandbox) -> None:
    admin = sandbox.endpoints["sandbox_admin"]
    answer = sandbox.http.put(
        f"{admin}/faults", json={"rules": [{"system": "x", "effect": "status"}]}
    )
    assert answer.status_code == 400
    assert "system: 'x'; use salesforce, netsuite or *" in answer.json()["error"]
    answer = sandbox.http.put(f"{admin}/clock", json={"later": 1})
    assert (answer.status_code, "advance_s" in answer.json()["error"]) == (400, True)
    assert sandbox.http.get(f"{admin}/journal/oracle").status_code == 400
