from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.checks.fields import Wish, wishes_of
from ops.checks.finding import Area, Finding, StopLookingError, looked_at
from ops.checks.pubsub import decoded_topic, encoded_name
from ops.checks.settings import environment_of, settings_of
from ops.reach import Place
from ops.render.report import report
from tests.builders import shipped_maps

AREA = Area("Kafka")
LOCAL = {
    "kafka": {"bootstrap": "127.0.0.1:9"},
    "postgres": {"sync": "sync-dsn", "audit": "audit-dsn", "keys": "keys-dsn"},
    "tls": {"ca_file": "ca.pem"},
    "salesforce": {"https": "https://localhost:1", "pubsub_tls": "localhost:2", "org_id": "00D"},
}


def test_a_check_is_one_line_with_its_remedy() -> None:
    findings = [AREA.well("answers"), AREA.wrong("topic is missing", "SRE: start a service.")]
    assert report(findings, 80) == [
        " ✓ Kafka       answers",
        " ✗ Kafka       topic is missing. SRE: start a service.",
        "2 checks, 1 not well.",
    ]
    assert report(findings[:1], 80)[-1] == "1 check, all well."


def test_after_a_check_that_ends_it_nothing_more_is_asked() -> None:
    def look() -> Iterator[Finding]:
        yield AREA.well("first")
        raise StopLookingError(AREA.wrong("second", "SRE: see."))

    assert [finding.detail for finding in looked_at(look)] == ["first", "second"]


def test_every_setting_that_is_missing_is_named_and_the_rest_is_read() -> None:
    settings = settings_of(Place(environment={"KAFKA_BOOTSTRAP": "kafka:9092"}))
    details = " ".join(finding.detail for finding in settings.findings)
    assert settings.kafka == "kafka:9092"
    assert (settings.databases, settings.salesforce, settings.netsuite) == (None, None, None)
    for name in ("SYNC_DSN", "KEK_FILE", "SALESFORCE_CONSUMER_KEY", "NETSUITE_PRIVATE_KEY_FILE"):
        assert f"{name} is not set" in details
    assert all(finding.remedy.startswith("SRE: give ") for finding in settings.findings)


def test_a_local_stack_has_its_settings_in_its_endpoints(tmp_path: Path) -> None:
    caller = {"KAFKA_BOOTSTRAP": "real:1", "AUDIT_DSN": "real", "NETSUITE_URL": "https://real"}
    place = Place(environment=caller, state=tmp_path, endpoints=LOCAL)
    found = environment_of(place)
    assert found["KAFKA_BOOTSTRAP"] == "127.0.0.1:9"
    assert (found["AUDIT_READER_DSN"], found["AUDIT_DSN"]) == ("audit-dsn", "")
    assert found["SALESFORCE_PUBSUB"] == "localhost:2"
    assert found["KEK_FILE"] == str(tmp_path / "secrets" / "kek")
    assert found["TLS_CA_FILE"] == "ca.pem"
    assert found["NETSUITE_URL"] == "https://real"


def test_the_map_says_which_fields_salesforce_must_have() -> None:
    wishes = wishes_of(shipped_maps())
    assert Wish("Opportunity", "StageName") in wishes
    assert Wish("OpportunityLineItem", "Product2.NS_Item_Id__c") in wishes
    assert Wish("Opportunity", "NS_SO_Number__c", is_written=True) in wishes
    assert not any(wish.sobject in {"salesOrder", "customer"} for wish in wishes)


@pytest.mark.parametrize("name", ["/data/ChangeEvents", "x" * 300])
def test_a_topic_is_asked_for_by_its_name(name: str) -> None:
    data = encoded_name(name)
    assert data[0] == 0x0A
    assert data.endswith(name.encode())


@pytest.mark.parametrize(
    ("answer", "may_subscribe"),
    [
        (b"\x0a\x02/x\x12\x03abc\x18\x00\x20\x01\x2a\x01s", True),
        (b"\x0a\x02/x\x18\x01\x20\x00", False),
        (b"\x0a\x02/x", False),
        (b"", False),
    ],
)
def test_a_topic_says_whether_it_may_be_listened_to(answer: bytes, may_subscribe: bool) -> None:
    assert decoded_topic(answer) is may_subscribe
