"""Each golden file: this document, with this known, makes these commands."""

import json
from pathlib import Path

import pytest

from kernel.maps import RecordMap
from tests.builders import shipped_maps
from tests.golden.files import GOLDEN, Golden, golden_files, read, what_follows, write

WRITING = [
    record_map
    for record_map in shipped_maps().maps
    if record_map.enabled and (record_map.rules or any(lines.rules for lines in record_map.lines))
]


@pytest.mark.parametrize("golden", golden_files(), ids=lambda golden: golden.name)
def test_a_document_makes_the_commands_of_its_golden_file(golden: Golden) -> None:
    assert what_follows(golden) == golden.then, "if this is meant: `make golden`, then look at it"


@pytest.mark.parametrize("record_map", WRITING, ids=lambda record_map: record_map.name)
def test_every_map_that_is_enabled_and_writes_has_a_golden_file(record_map: RecordMap) -> None:
    directory = GOLDEN / record_map.name
    assert list(directory.glob("*.json")), (
        f"tests/golden/{record_map.name} holds no file: add one with 'about' and 'given' as the"
        " others have them, and run `make golden`"
    )


def test_a_file_that_is_written_anew_says_the_same(tmp_path: Path) -> None:
    original = next(golden for golden in golden_files() if "new-one-world" in golden.name)
    copy = tmp_path / "map" / original.path.name
    copy.parent.mkdir()
    stripped = json.loads(original.path.read_text())
    copy.write_text(json.dumps({**stripped, "then": None}))
    write(read(copy))
    assert read(copy).then == original.then
