"""Applies a map: its rules are made into short steps once, and read by two small functions."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from kernel.maps import LineMap, Owner, RecordMap, Rule
from kernel.maps.guards import OWNERS
from kernel.values import Document, Fields, Value
from transform.domain.conversions import CONVERT, Convert, Row
from transform.domain.facts import Facts

EVERY_OWNER = frozenset(Owner)
STEPS_CACHED_MAX = 512
"""Maps times owners of the fields."""


class Step(NamedTuple):
    """One rule: write what is read, or the default, converted."""

    write: str
    read: str
    """Empty for a constant."""
    default: Value
    convert: Convert | None
    converts_nothing: bool
    """An empty value is converted too."""


class Steps(NamedTuple):
    fields: tuple[Step, ...]
    lines: tuple[tuple[str, str, tuple[Step, ...]], ...]
    """(list that is read, list that is written, steps of a line)"""


def mapped(
    record_map: RecordMap,
    document: Document,
    facts: Facts,
    *,
    prefix: str = "",
    owners: Collection[Owner] = EVERY_OWNER,
) -> Document:
    """The target's fields and lines. A field the source did not send is not touched.

    `prefix` reads a document embedded in another (`Account.`); `owners` leaves out the rules
    of those who own the field no more.
    """
    steps = _steps(record_map, frozenset(owners), prefix)
    row = Row(fields=document.fields, prefix=prefix)
    return Document(
        fields=_fields(steps.fields, row, facts),
        lines={
            write: _lines(line_steps, document.lines[read], facts)
            for read, write, line_steps in steps.lines
            if read in document.lines
        },
    )


@lru_cache(STEPS_CACHED_MAX)
def _steps(record_map: RecordMap, owners: frozenset[Owner], prefix: str) -> Steps:
    lines = [line_map for line_map in record_map.lines if line_map.write and not prefix]
    ever = OWNERS[record_map.source]
    return Steps(
        tuple([_step(rule, prefix) for rule in record_map.rules if rule.owner in owners]),
        tuple([(one.read, one.write, _of_line(one, ever)) for one in lines]),
    )


def _of_line(line_map: LineMap, ever: Collection[Owner]) -> tuple[Step, ...]:
    """All of a line but what its system never owns: how far an order has come decides about a line
    as a whole, and the writer says what may no longer change."""
    return tuple([_step(rule) for rule in line_map.rules if rule.owner in ever])


def _step(rule: Rule, prefix: str = "") -> Step:
    read = prefix + rule.read if rule.read else ""
    convert = CONVERT[rule.convert] if rule.convert else None
    return Step(rule.write, read, rule.default, convert, rule.convert == "item-id")


def _lines(steps: Sequence[Step], lines: Sequence[Fields], facts: Facts) -> tuple[Fields, ...]:
    return tuple([_fields(steps, Row(fields=line), facts) for line in lines])


def _fields(steps: Sequence[Step], row: Row, facts: Facts) -> dict[str, Value]:
    found: dict[str, Value] = {}
    fields = row.fields
    for write, read, default, convert, converts_nothing in steps:
        if read and read not in fields:
            continue
        value = fields[read] if read else None
        if value is None:
            value = default
        if convert and (value is not None or converts_nothing):
            value = convert(value, row, facts)
        found[write] = value
    return found
