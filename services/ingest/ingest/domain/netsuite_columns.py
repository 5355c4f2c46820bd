"""How SuiteQL tells a NetSuite record: its table, its columns, and how their texts are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How an answer's text is read; every value arrives as text."""

    TEXT = "text"
    LABEL = "label"
    """A status as people read it, behind the name of its type: `Sales Order : Billed`."""
    NUMBER = "number"
    COUNT = "count"
    """A whole number."""
    FLAG = "flag"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    sql: str
    kind: Kind = Kind.TEXT
    joins: tuple[str, ...] = ()
    is_one_world: bool = False
    """An account of one company does not know the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of record. `joins` stand in the order in which they build on each other."""

    table: str
    key: str
    modified: str
    columns: Mapping[str, Column]
    where: str = ""
    joins: Mapping[str, str] = field(default_factory=dict)
    custom: str = ""
    """What stands before the name of a custom field; empty where there are none."""
    always: tuple[str, ...] = ()
    """What is selected whatever the map reads."""


def date_column(name: str) -> Column:
    return Column(f"TO_CHAR({name}, 'YYYY-MM-DD')", Kind.DATE)
