"""The codec is built from the schemas in the lock, and from nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from kernel.errors import FatalError
from kernel.messages import ChangeEvent
from runtime.schemas import load_codec, schemas_directory
from runtime.topics import load_topics


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(schemas_directory(), tmp_path / "schemas"))


def test_the_repositorys_schemas_are_found_and_agree_with_their_lock() -> None:
    assert load_codec(schemas_directory()).schema_id(ChangeEvent) >= 1


def test_every_file_that_differs_or_is_missing_is_named(copied: Path) -> None:
    (copied / "avro" / "alert.v1.avsc").unlink()
    changed = copied / "avro" / "outcome.v1.avsc"
    changed.write_text(changed.read_text() + "\n")
    with pytest.raises(FatalError) as caught:
        load_codec(copied)
    assert "alert.v1.avsc is missing" in str(caught.value)
    assert "outcome.v1.avsc differs" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[{}]", '[{"id": "x"}]'])
def test_a_lock_that_cannot_be_read_is_refused(copied: Path, text: str) -> None:
    (copied / "lock.json").write_text(text)
    with pytest.raises(FatalError, match=r"lock\.json"):
        load_codec(copied)


def test_one_id_for_two_schemas_is_refused(copied: Path) -> None:
    lock = copied / "lock.json"
    entries = json.loads(lock.read_text())
    entries[1]["id"] = entries[0]["id"]
    lock.write_text(json.dumps(entries))
    with pytest.raises(FatalError, match="one id to several"):
        load_codec(copied)


def test_every_topic_file_is_read_and_names_a_schema_that_exists() -> None:
    directory = schemas_directory()
    topics = load_topics(directory / "topics")
    assert {topic.name for topic in topics} >= {"salesforce.changes.v1", "sync.outcomes.v1"}
    assert all(topic.partitions == 12 for topic in topics)
    assert all((directory / "avro" / topic.schema).is_file() for topic in topics)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("partitions: 12", "partitions: many", "invalid literal"),
        ("partitions: 12", "", "'partitions' is missing"),
        ("producers: [", "producers: {a: [", "expected"),
        ('retention.ms: "-1"', "retention.ms: [1]", "is not a single value"),
    ],
)
def test_a_topic_file_with_a_fault_is_named(copied: Path, old: str, new: str, fault: str) -> None:
    path = copied / "topics" / "sync.outcomes.v1.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(FatalError, match=fault) as caught:
        load_topics(copied / "topics")
    assert str(path) in str(caught.value)


def test_a_directory_without_topics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="holds no topic"):
        load_topics(tmp_path)
