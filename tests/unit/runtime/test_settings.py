"""Settings: all faults at once, each naming the setting, the value and the remedy."""

from pathlib import Path

import pytest

from runtime.settings import Reader, SettingsError, common


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    reader = Reader(
        {
            "TEXT": " a text ",
            "COUNT": "7",
            "SHARE": "0.25",
            "ON": "yes",
            "OFF": "0",
            "FILE": str(tmp_path),
            "COLOUR": "blue",
            "BROKER": "kafka-1:9092",
            "SITE": "https://example.com/base/",
        }
    )
    assert reader.text("TEXT", "a text") == "a text"
    assert reader.integer("COUNT", "a count", at_least=7, at_most=7) == 7
    assert reader.number("SHARE", "a share") == 0.25
    assert reader.flag("ON", "1 or 0", False) is True
    assert reader.flag("OFF", "1 or 0", True) is False
    assert reader.path("FILE", "a file", must_exist=True) == tmp_path
    assert reader.choice("COLOUR", "a colour", ("red", "blue"), "red") == "blue"
    assert reader.address("BROKER", "host:port") == "kafka-1:9092"
    assert reader.url("SITE", "an address") == "https://example.com/base"
    reader.finish()


def test_defaults_stand_in_for_what_is_not_set_or_empty() -> None:
    reader = Reader({"EMPTY": ""})
    assert reader.text("EMPTY", "a text", "given") == "given"
    assert reader.text("CA_FILE", "a file", "") == ""
    assert reader.secret("KEY", "a key", "") == ""
    assert reader.integer("COUNT", "a count", 5, at_least=5) == 5
    assert reader.number("SHARE", "a share", 0.5) == 0.5
    assert reader.optional_path("FILE", "a file") is None
    assert reader.choice("COLOUR", "a colour", ("red", "blue"), "blue") == "blue"
    assert reader.url("SITE", "an address", "") == ""
    reader.finish()


def test_all_faults_are_named_at_once_with_the_value_and_the_remedy() -> None:
    reader = Reader(
        {
            "COUNT": "many",
            "SMALL": "1",
            "LARGE": "99",
            "SHARE": "nan",
            "ON": "perhaps",
            "FILE": "/nowhere/at/all",
            "COLOUR": "green",
            "BROKER": "kafka",
            "SITE": "ftp://example.com",
        }
    )
    reader.text("MISSING", "the name of a thing")
    reader.integer("COUNT", "a count")
    reader.integer("SMALL", "a count", at_least=2)
    reader.integer("LARGE", "a count", at_most=9)
    reader.number("SHARE", "a share")
    reader.flag("ON", "1 or 0", False)
    reader.path("FILE", "a file", must_exist=True)
    reader.choice("COLOUR", "a colour", ("red", "blue"), None)
    reader.address("BROKER", "a broker")
    reader.url("SITE", "an address")
    reader.wrong("SITE", "one of both", "SITE and MISSING exclude each other")
    with pytest.raises(SettingsError) as caught:
        reader.finish()
    assert caught.value.faults == (
        "MISSING is not set: give the name of a thing",
        "COUNT: 'many' is not a whole number: give a count",
        "SMALL: 1 is below 2: give a count",
        "LARGE: 99 is above 9: give a count",
        "SHARE: 'nan' is not a finite number: give a share",
        "ON: 'perhaps' is neither 1 nor 0: give 1 or 0",
        "FILE: '/nowhere/at/all' does not exist: give a file",
        "COLOUR: 'green' is not one of red, blue: give a colour",
        "BROKER: 'kafka' is not host:port: give a broker",
        "SITE: 'ftp://example.com' is not an address https:// or http://host: give an address",
        "SITE: SITE and MISSING exclude each other: give one of both",
    )
    assert all(fault in str(caught.value) for fault in caught.value.faults)


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:0", "host:70000", "host:x"])
def test_what_is_not_an_address_is_refused(text: str) -> None:
    reader = Reader({"BROKER": text})
    reader.address("BROKER", "a broker")
    with pytest.raises(SettingsError):
        reader.finish()


def test_several_brokers_are_one_setting() -> None:
    reader = Reader({"BROKERS": "a:1,b:2", "WRONG": "a:1,b"})
    assert reader.address("BROKERS", "brokers", many=True) == "a:1,b:2"
    reader.address("WRONG", "brokers", many=True)
    with pytest.raises(SettingsError, match="WRONG"):
        reader.finish()


def test_a_secret_that_is_missing_is_named_and_one_that_is_there_is_never_shown() -> None:
    reader = Reader({"KEY": "hunter2"})
    assert reader.secret("KEY", "a key") == "hunter2"
    reader.secret("OTHER", "another key")
    with pytest.raises(SettingsError) as caught:
        reader.finish()
    assert caught.value.faults == ("OTHER is not set: give another key",)
    assert "hunter2" not in repr(caught.value)


def test_what_all_services_share_has_defaults_but_for_kafka() -> None:
    reader = Reader({"KAFKA_BOOTSTRAP": "a:1"})
    shared = common(reader, "ingest")
    reader.finish()
    assert shared.kafka_bootstrap == "a:1"
    assert shared.group_instance_id == "ingest-0"
    assert shared.health_port == 0
    assert shared.health_file is None
    assert shared.otlp_endpoint is None
    assert shared.trace_ratio == 1.0
    empty = Reader({})
    common(empty, "ingest")
    with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP is not set"):
        empty.finish()
