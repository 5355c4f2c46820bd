"""The schemas as a contract: ids that stay, files that are never edited, old bytes that read."""

import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import avro.schema
import fastavro
import pytest
import yaml
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from kernel import topics
from runtime.schemas import load_codec, schemas_directory

SCHEMAS = schemas_directory()
LOCK: list[dict[str, Any]] = json.loads((SCHEMAS / "lock.json").read_text())
EXAMPLES = sorted(SCHEMAS.glob("examples/*/*.json"))
TOPICS = sorted(SCHEMAS.glob("topics/*.yaml"))
CODEC = load_codec(SCHEMAS)


def text_of(entry: dict[str, Any]) -> str:
    return (SCHEMAS / "avro" / str(entry["file"])).read_text()


def test_every_schema_file_has_one_id_of_its_own() -> None:
    files = [entry["file"] for entry in LOCK]
    assert sorted(files) == sorted(path.name for path in SCHEMAS.glob("avro/*.avsc"))
    assert len({entry["id"] for entry in LOCK}) == len(LOCK)


@pytest.mark.parametrize("entry", LOCK, ids=lambda entry: entry["file"])
def test_a_schema_file_is_the_one_that_was_locked(entry: dict[str, Any]) -> None:
    digest = hashlib.sha256(text_of(entry).encode()).hexdigest()
    assert digest == entry["sha256"], (
        f"{entry['file']} was edited: a released file stays as it is; add the next version"
    )


def locks_of_history() -> Iterator[list[dict[str, Any]]]:
    """Every lock that was ever committed; none where the tree came without its history."""
    here = Path(__file__).parent
    log = ["git", "log", "--format=%H", "--", "../../schemas/lock.json"]
    found = subprocess.run(log, cwd=here, capture_output=True, text=True, check=False)
    for commit in found.stdout.split():
        show = ["git", "show", f"{commit}:schemas/lock.json"]
        text = subprocess.run(show, cwd=here, capture_output=True, text=True, check=False).stdout
        if text:
            yield json.loads(text)


def test_what_was_released_once_is_locked_for_ever() -> None:
    now = {entry["id"]: entry for entry in LOCK}
    for lock in locks_of_history():
        for entry in lock:
            if entry["released"]:
                kept = now.get(entry["id"], {})
                assert (kept.get("file"), kept.get("sha256")) == (entry["file"], entry["sha256"])


def versions() -> dict[str, list[str]]:
    """Subject → the texts of all its versions."""
    found: dict[str, list[str]] = {}
    for entry in sorted(LOCK, key=lambda entry: int(entry["version"])):
        for subject in entry["subjects"]:
            found.setdefault(subject, []).append(text_of(entry))
    return found


def is_compatible(reader: str, writer: str) -> bool:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # ships no types
    result = checker.get_compatibility(avro.schema.parse(reader), avro.schema.parse(writer))
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


@pytest.mark.parametrize("subject", versions())
def test_every_version_reads_every_other_both_ways(subject: str) -> None:
    for reader, writer in permutations(versions()[subject], 2):
        assert is_compatible(reader, writer)


def test_the_check_of_versions_can_fail() -> None:
    old = text_of(LOCK[0])
    longer = json.loads(old)
    longer["fields"].append({"name": "added", "type": "string"})
    assert not is_compatible(reader=json.dumps(longer), writer=old)
    longer["fields"][-1]["default"] = ""
    assert is_compatible(reader=json.dumps(longer), writer=old)
    assert is_compatible(reader=old, writer=json.dumps(longer))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_reads_and_writes_byte_for_byte(path: Path) -> None:
    example = json.loads(path.read_text())
    data = bytes.fromhex(example["bytes"])
    message = CODEC.decode(data)
    assert CODEC.encode(message) == data
    assert json_of(data, path.parent.name) == example["record"]


def json_of(data: bytes, schema_name: str) -> object:
    """The body as Avro's own JSON."""
    schema = fastavro.parse_schema(
        json.loads((SCHEMAS / "avro" / f"{schema_name}.avsc").read_text()), named_schemas={}
    )
    record = fastavro.schemaless_reader(
        io.BytesIO(data[5:]), schema, return_record_name=True, return_record_name_override=True
    )
    out = io.StringIO()
    fastavro.json_writer(out, schema, [record])
    return json.loads(out.getvalue())


def test_every_schema_has_an_example() -> None:
    with_one = {path.parent.name for path in EXAMPLES}
    assert with_one == {str(entry["file"]).removesuffix(".avsc") for entry in LOCK}


def test_the_topics_of_the_code_are_those_of_the_list() -> None:
    listed = {yaml.safe_load(path.read_text())["name"] for path in TOPICS}
    assert listed == set(topics.ALL)
    assert all(path.stem in listed for path in TOPICS)


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_a_topic_keeps_everything_for_ever_in_twelve_partitions(path: Path) -> None:
    topic = yaml.safe_load(path.read_text())
    assert topic["partitions"] == 12
    assert topic["config"]["cleanup.policy"] == "delete"
    assert topic["config"]["retention.ms"] == "-1"
    assert topic["config"]["message.timestamp.type"] == "LogAppendTime"
    subject = f"{topic['name']}-value"
    assert subject in versions()
    assert topic["schema"] in {entry["file"] for entry in LOCK}
