"""YAML tables: every value with its line, every fault with file and line."""

from pathlib import Path

import pytest

from kernel.errors import FatalError
from kernel.nodes import Node
from runtime.tables import load, read_tables


def written(directory: Path, text: str, name: str = "a.yaml") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def test_every_value_remembers_its_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, "# a comment\nname: order\nfields:\n  - to: total\n    keep: true\n")
    root = load(path)
    assert isinstance(root.value, dict)
    assert root.value["name"] == Node(str(path), 2, "order")
    fields = root.value["fields"]
    assert isinstance(fields.value, list)
    assert fields.line == 4
    (first,) = fields.value
    assert first.value == {"to": Node(str(path), 4, "total"), "keep": Node(str(path), 5, True)}
    assert root.place == f"{path}:2"


def test_scalars_have_their_types_and_dates_stay_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\nb: 'x'\nc:\nd: no\ne: 2026-01-31\nf: '0.10'\n")
    values = load(path).value
    assert isinstance(values, dict)
    assert [node.value for node in values.values()] == [1, "x", None, False, "2026-01-31", "0.10"]


def test_tables_come_in_the_order_of_directories_files_and_entries(tmp_path: Path) -> None:
    shipped, overlay = tmp_path / "shipped", tmp_path / "overlay"
    shipped.mkdir()
    overlay.mkdir()
    written(shipped, "name: b", "b.yaml")
    written(shipped, "- name: a1\n- name: a2\n", "a.yaml")
    written(shipped, "", "empty.yaml")
    written(shipped, "not: read", "notes.txt")
    written(overlay, "name: over")
    tables = read_tables([shipped, overlay])
    assert [table.values["name"].value for table in tables] == ["a1", "a2", "b", "over"]
    assert [table.line for table in tables] == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice, first in line 1"),
        ("a:\n  b: [1, 2\n", 3, "expected ',' or ']'"),
        ("x: 1\n1: 2\n", 2, "the key 1 is not a text"),
        ("x: &here {a: 1}\ny: *here\n", 1, "used again by an alias"),
        ("x: !!python/object:os.system {}\n", 1, "python/object:os.system is not a type"),
        ("rate: 0.1\n", 1, "0.1 would not be exact: put it in quotes"),
        ("x: !!int many\n", 1, "'many' is not a number"),
        ("? [a]\n: b\n", 1, "a single value is due here"),
        ("a: 1\n---\nb: 2\n", 2, "but found another document"),
        ("x: " + "[" * 30 + "]" * 30 + "\n", 1, "nested more than"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    tmp_path: Path, text: str, line: int, fault: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FatalError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert fault in str(caught.value)


def test_the_faults_of_all_files_are_named_together(tmp_path: Path) -> None:
    first = written(tmp_path, "a: [", "a.yaml")
    second = written(tmp_path, "- 1\n", "b.yaml")
    with pytest.raises(FatalError) as caught:
        read_tables([tmp_path, tmp_path / "missing"])
    for part in (f"{first}:", f"{second}:1: a mapping is due here", "missing is not a directory"):
        assert part in str(caught.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="cannot be read: No such file"):
        load(tmp_path / "nothing.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: \xe9\n")
    with pytest.raises(FatalError, match="not UTF-8 at byte 3"):
        load(latin)
    large = written(tmp_path, "a: " + "x" * 1_000_001)
    with pytest.raises(FatalError, match="larger than"):
        load(large)
    control = written(tmp_path, "a: \x01\n")
    with pytest.raises(FatalError, match=str(control)):
        load(control)
