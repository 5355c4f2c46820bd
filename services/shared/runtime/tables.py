"""YAML data files read with the line of every value, for tables of rules that a person edits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kernel.errors import FatalError
from kernel.nodes import Node, Scalar

BYTES_MAX = 1_000_000
DEPTH_MAX = 20
PLAIN_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
REMEDY = "correct the file"
FLOAT_TAG, MOMENT_TAG = "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"


class TablesError(FatalError):
    """Some files cannot be read; each has its fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Table:
    """One mapping of a file: the file itself when its top is a mapping, else each entry of its
    list. `file` is the path as it was given."""

    file: str
    line: int
    values: Mapping[str, Node]


def read_tables(directories: Sequence[Path]) -> list[Table]:
    """Every table of the *.yaml files, directory by directory, files by name, in file order.

    TablesError names every file that cannot be read, with the line.
    """
    tables: list[Table] = []
    faults: list[str] = []
    for directory in directories:
        if not directory.is_dir():
            faults.append(f"{directory} is not a directory: name one that holds *.yaml files")
        for path in sorted(directory.glob("*.yaml")):
            try:
                tables += _tables_of(path, load(path))
            except FatalError as error:
                faults.append(str(error))
    if faults:
        raise TablesError(faults)
    return tables


def load(path: Path) -> Node:
    """The one document of a YAML file. FatalError names file, line and fault.

    Keys are texts and stand once in a mapping; dates stay texts. Numbers with a point (they would
    not be exact), aliases, tags and files of more than a megabyte are refused.
    """
    try:
        root = yaml.compose(_text_of(path), Loader=yaml.SafeLoader)
        return Node(str(path), 1, None) if root is None else _Reading(path).node(root)
    except OSError as error:
        raise FatalError(f"{path} cannot be read: {error.strerror}: {REMEDY}") from error
    except UnicodeDecodeError as error:
        raise FatalError(f"{path} is not UTF-8 at byte {error.start}: {REMEDY}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FatalError(f"{path}:{line}: {error.problem}: {REMEDY}") from error
    except yaml.YAMLError as error:
        raise FatalError(f"{path}: {str(error).splitlines()[0]}: {REMEDY}") from error


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise FatalError(f"{path} is larger than {BYTES_MAX} bytes: split it")
    return data.decode()


def _tables_of(path: Path, root: Node) -> list[Table]:
    if root.value is None:
        return []
    tables = []
    for entry in root.value if isinstance(root.value, list) else [root]:
        if not isinstance(entry.value, dict):
            raise FatalError(f"{entry.place}: a mapping is due here: {REMEDY}")
        tables.append(Table(str(path), entry.line, entry.value))
    return tables


class _Reading:
    """One file being turned into nodes. `seen` finds aliases, which could unfold without end."""

    def __init__(self, path: Path) -> None:
        self._file = str(path)
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def node(self, node: yaml.Node, depth: int = 0) -> Node:
        line = node.start_mark.line + 1
        if depth > DEPTH_MAX:
            raise self._fault(line, f"nested more than {DEPTH_MAX} deep")
        if id(node) in self._seen:
            raise self._fault(line, "what stands here is used again by an alias", "write it out")
        self._seen.add(id(node))
        if not isinstance(node, yaml.ScalarNode) and node.tag not in PLAIN_TAGS:
            raise self._fault(line, f"{node.tag} is not a type of value here")
        if isinstance(node, yaml.SequenceNode):
            return Node(self._file, line, [self.node(item, depth + 1) for item in node.value])
        if isinstance(node, yaml.MappingNode):
            return Node(self._file, line, self._mapping(node, depth))
        return Node(self._file, line, self._scalar(node))

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node)
            if not isinstance(key, str):
                raise self._fault(line, f"the key {key!r} is not a text", "put it in quotes")
            if key in found:
                first = found[key].line
                raise self._fault(line, f"'{key}' stands twice, first in line {first}")
            found[key] = self.node(value_node, depth + 1)
        return found

    def _scalar(self, node: yaml.Node) -> Scalar:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.ScalarNode):
            raise self._fault(line, "a single value is due here")
        if node.tag == MOMENT_TAG:
            return str(node.value)
        if node.tag == FLOAT_TAG:
            raise self._fault(line, f"{node.value} would not be exact", "put it in quotes")
        try:
            value = self._scalars.construct_object(node)
        except ValueError:
            raise self._fault(line, f"'{node.value}' is not a number") from None
        if value is None or isinstance(value, bool | int | str):
            return value
        raise self._fault(line, f"{node.tag} is not a type of value here")

    def _fault(self, line: int, what: str, remedy: str = REMEDY) -> FatalError:
        return FatalError(f"{self._file}:{line}: {what}: {remedy}")
