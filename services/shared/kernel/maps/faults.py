"""Faults of the map's tables, collected while they are read: each with place and remedy."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.errors import FatalError
from kernel.nodes import Node

Values = dict[str, Node]


class MapsError(FatalError):
    """The tables cannot be used; the message lists every fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(["the map cannot be used:", *faults]))
        self.faults = tuple(faults)


@dataclass(slots=True)
class Faults:
    """Reads a value as what it should be, or notes why it is not."""

    found: list[str] = field(default_factory=list)

    def add(self, node: Node, what: str) -> None:
        self.found.append(f"{node.place}: {what}")

    def text(self, values: Values, key: str, default: str = "") -> str:
        if key not in values:
            return default
        value = values[key].value
        if not isinstance(value, str):
            self.add(values[key], f"'{key}' is {value!r}: write a text")
            return default
        return value

    def required(self, parent: Node, values: Values, key: str) -> str:
        if key not in values:
            self.add(parent, f"'{key}' is missing: add it")
        return self.text(values, key)

    def choice(self, values: Values, key: str, known: Sequence[str], name: str = "") -> str:
        """Empty where nothing or nothing known stands there."""
        value = self.text(values, key)
        if value and value not in known:
            words = f"{name or key} '{value}' is unknown: use one of {', '.join(known)}"
            self.add(values[key], words)
            return ""
        return value

    def flag(self, values: Values, key: str) -> bool:
        node = values.get(key)
        if node is not None and not isinstance(node.value, bool):
            self.add(node, f"'{key}' is {node.value!r}: write yes or no")
        return node is not None and node.value is True

    def mapping(self, node: Node, known: frozenset[str]) -> Values:
        if not isinstance(node.value, dict):
            self.add(node, "a mapping is due here")
            return {}
        for key in sorted(node.value.keys() - known):
            self.add(node.value[key], f"'{key}' is unknown: use one of {', '.join(sorted(known))}")
        return node.value

    def sequence(self, values: Values, key: str) -> list[Node]:
        node = values.get(key)
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.add(node, f"'{key}' is not a list: begin each entry with a dash")
            return []
        return node.value
