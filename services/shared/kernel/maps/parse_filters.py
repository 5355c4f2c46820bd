"""Reads the `filters` of a map: a name, why, and a condition out of a small vocabulary.

    {name: test-account, purpose: …, when: {field: Type, in: [Test, Demo]}}

A condition looks at one field (`equals` a value, `in` a list of values, `is` empty, filled, yes
or no) or joins others (`any`, `all`: lists of conditions; `not`: one).
"""

from collections.abc import Collection, Mapping

from kernel.maps.faults import Faults, Values
from kernel.maps.filters import (
    STATE_OF,
    Condition,
    Every,
    Filter,
    Is,
    Not,
    OneOf,
    Scalar,
    Some,
    State,
    filter_of,
    looks_of,
)
from kernel.nodes import Node

FILTER_KEYS = frozenset("name purpose when remove".split())
CONDITION_KEYS = frozenset("field equals in is any all not".split())
JOINING = ("any", "all", "not")
LOOKING = ("equals", "in", "is")
NEVER = Is("", State.YES)
"""Stands in for a condition that could not be read; its fault stops the start."""


def filters_of(
    rows: Mapping[str, Node], reads: Collection[str], personal: Collection[str], faults: Faults
) -> tuple[Filter, ...]:
    """`reads` are the fields that the map declares, `personal` those of them that are sealed."""
    return tuple(_filter(row, reads, personal, faults) for row in rows.values())


def _filter(row: Node, reads: Collection[str], personal: Collection[str], faults: Faults) -> Filter:
    values = faults.mapping(row, FILTER_KEYS)
    name = faults.required(row, values, "name")
    purpose = faults.required(row, values, "purpose")
    if "when" not in values:
        faults.add(row, "'when' is missing: add a condition, as {field: Type, equals: Test}")
        return filter_of(name, purpose, NEVER)
    condition = _condition(values["when"], faults)
    for look in looks_of(condition):
        _check_field(look, values["when"], name, reads, personal, faults)
    return filter_of(name, purpose, condition)


def _check_field(
    look: OneOf | Is,
    node: Node,
    name: str,
    reads: Collection[str],
    personal: Collection[str],
    faults: Faults,
) -> None:
    if not look.field:
        return
    if look.field not in reads:
        faults.add(
            node,
            f"filter '{name}' looks at {look.field}, which no row reads:"
            f" add it to 'needed' with its purpose, or correct the name",
        )
    elif look.field in personal and not _works_sealed(look):
        faults.add(
            node,
            f"filter '{name}' compares {look.field}, which is personal and sealed:"
            " ask whether it 'is' empty or filled, or look at another field",
        )


def _works_sealed(look: OneOf | Is) -> bool:
    return isinstance(look, Is) and look.state in (State.EMPTY, State.FILLED)


def _condition(node: Node, faults: Faults) -> Condition:
    values = faults.mapping(node, CONDITION_KEYS)
    joins = [key for key in JOINING if key in values]
    if len(joins) + ("field" in values) != 1 or (joins and len(values) > 1):
        faults.add(node, "a condition has either 'field', or one of 'any', 'all', 'not' alone")
        return NEVER
    if not joins:
        return _look(node, values, faults)
    if joins == ["not"]:
        return Not(_condition(values["not"], faults))
    parts = tuple(_condition(part, faults) for part in faults.sequence(values, joins[0]))
    if not parts:
        faults.add(node, f"'{joins[0]}' has no conditions: add some")
    return Some(parts) if joins == ["any"] else Every(parts)


def _look(node: Node, values: Values, faults: Faults) -> Condition:
    name = faults.required(node, values, "field")
    asked = [key for key in LOOKING if key in values]
    if len(asked) != 1:
        faults.add(node, f"say one thing of '{name}': 'equals', 'in' or 'is'")
        return NEVER
    if asked == ["is"]:
        return _is(name, values["is"], faults)
    found = [values["equals"]] if asked == ["equals"] else faults.sequence(values, "in")
    if not found:
        faults.add(values["in"], "'in' has no values: add some")
    return OneOf(name, tuple(_scalar(item, faults) for item in found))


def _is(name: str, node: Node, faults: Faults) -> Condition:
    value = node.value
    if not isinstance(value, str | bool) or value not in STATE_OF:
        faults.add(node, f"'is' is {value!r}: use empty, filled, yes or no")
        return NEVER
    return Is(name, STATE_OF[value])


def _scalar(node: Node, faults: Faults) -> Scalar:
    if isinstance(node.value, str | int | bool):
        return node.value
    faults.add(node, "a text, a whole number, yes or no is due here; for an empty field: 'is'")
    return ""
