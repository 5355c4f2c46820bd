"""Applies a map: two small functions that read its rules."""

from collections.abc import Collection

from kernel.maps import LineMap, Owner, RecordMap, Rule
from kernel.values import Document, Fields, Value
from transform.domain.conversions import CONVERT, Row
from transform.domain.facts import Facts

EVERY_OWNER = frozenset(Owner)


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
    row = Row(fields=document.fields, prefix=prefix)
    rules = [rule for rule in record_map.rules if rule.owner in owners]
    lines = [line_map for line_map in record_map.lines if line_map.write and not prefix]
    return Document(
        fields=_fields(rules, row, facts),
        lines={
            line_map.write: _lines(line_map, document, facts)
            for line_map in lines
            if line_map.read in document.lines
        },
    )


def _lines(line_map: LineMap, document: Document, facts: Facts) -> tuple[Fields, ...]:
    return tuple(
        _fields(line_map.rules, Row(fields=line), facts) for line in document.lines[line_map.read]
    )


def _fields(rules: Collection[Rule], row: Row, facts: Facts) -> dict[str, Value]:
    return {
        rule.write: _value(rule, row, facts)
        for rule in rules
        if not rule.read or row.has(rule.read)
    }


def _value(rule: Rule, row: Row, facts: Facts) -> Value:
    value = row.get(rule.read) if rule.read else None
    if value is None:
        value = rule.default
    if value is None and rule.convert != "item-id":
        return None
    return CONVERT[rule.convert](value, row, facts) if rule.convert else value
