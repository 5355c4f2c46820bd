"""A formula as data."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Name:
    """A field, perhaps of a parent: ("Account", "Name")."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """Operators are functions too, named by their sign."""

    name: str
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Constant | Name | Function
