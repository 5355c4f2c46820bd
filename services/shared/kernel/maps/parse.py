"""Reads the map's tables, shipped ones first and a deployment's overlay after, into `Maps`.

Every fault of every table is found in one go, each with its place and the remedy.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kernel.maps import (
    CONVERSIONS,
    DataSubject,
    LineMap,
    Maps,
    Needed,
    Owner,
    RecordMap,
    Retention,
    Rule,
)
from kernel.maps.faults import Faults, MapsError, Values
from kernel.maps.parse_filters import FILTER_KEYS, filters_of
from kernel.nodes import Node
from kernel.records import System
from kernel.values import Value

MAP_KEYS = frozenset(
    "map reads writes part subject embeds reads_back retention keeps enabled filters"
    " needed rules lines".split()
)
RULE_KEYS = frozenset(
    "read write owner personal purpose retention convert default by_subsidiary optional computed"
    " remove".split()
)
NEEDED_KEYS = frozenset("read purpose personal retention optional remove".split())
LINE_KEYS = frozenset("read write rules needed".split())
SOLD = frozenset({"salesOrder", "estimate"})
ROWS = frozenset("filters rules needed lines".split())


@dataclass(slots=True)
class _Table:
    """One map while its tables are laid over each other."""

    node: Node
    head: dict[str, Node]
    rules: dict[str, Node] = field(default_factory=dict)
    needed: dict[str, Node] = field(default_factory=dict)
    filters: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, "_Table"] = field(default_factory=dict)


def parse_maps(tables: Iterable[Node]) -> Maps:
    """MapsError lists all faults of all tables."""
    faults = Faults()
    laid: dict[str, _Table] = {}
    for node in tables:
        values = faults.mapping(node, MAP_KEYS)
        name = faults.required(node, values, "map")
        table = laid.setdefault(name, _Table(node, {}))
        _lay(table, node, values, faults)
    maps = [_record_map(name, table, faults) for name, table in laid.items()]
    _check_embeds(laid, maps, faults)
    _check_subsidiaries(laid, maps, faults)
    if faults.found:
        raise MapsError(faults.found)
    return Maps(maps=tuple(maps), hash=hashlib.sha256(repr(maps).encode()).hexdigest()[:16])


def _lay(table: _Table, node: Node, values: dict[str, Node], faults: Faults) -> None:
    """Put one table over what stands already: rows with the same target field are replaced."""
    table.head.update({k: v for k, v in values.items() if k not in ROWS})
    for row in faults.sequence(values, "rules"):
        _lay_row(table.rules, row, "write", faults.mapping(row, RULE_KEYS), faults)
    for row in faults.sequence(values, "needed"):
        _lay_row(table.needed, row, "read", faults.mapping(row, NEEDED_KEYS), faults)
    for row in faults.sequence(values, "filters"):
        _lay_row(table.filters, row, "name", faults.mapping(row, FILTER_KEYS), faults)
    for line in faults.sequence(values, "lines"):
        inner = faults.mapping(line, LINE_KEYS)
        name = faults.required(line, inner, "read")
        _lay(table.lines.setdefault(name, _Table(line, {})), line, inner, faults)


def _lay_row(
    rows: dict[str, Node], row: Node, key: str, values: dict[str, Node], faults: Faults
) -> None:
    name = faults.required(row, values, key)
    if not faults.flag(values, "remove"):
        first = rows.get(name)
        if first is not None and first.file == row.file:
            faults.add(row, f"{key}: {name} stands in line {first.line} already; take one out")
        rows[name] = row
    elif rows.pop(name, None) is None:
        faults.add(row, f"there is no row with {key}: {name} to remove; take this row out")


def _record_map(name: str, table: _Table, faults: Faults) -> RecordMap:
    source, source_kind = _end(table, "reads", faults)
    target, target_kind = _end(table, "writes", faults)
    head = table.head
    retention = _retention(head, faults, Retention.RECORD)
    record_map = RecordMap(
        name=name,
        source=source,
        source_kind=source_kind,
        target=target,
        target_kind=target_kind,
        part=faults.required(table.node, head, "part"),
        subject=_subject(head, faults),
        rules=_rules(table, retention, faults),
        needed=_needed(table, retention, faults),
        lines=tuple(
            _line_map(read, inner, retention, faults) for read, inner in table.lines.items()
        ),
        embeds=_embeds(head, faults),
        keeps=faults.flag(head, "keeps"),
        enabled="enabled" not in head or faults.flag(head, "enabled"),
        reads_back=tuple(str(item.value) for item in faults.sequence(head, "reads_back")),
    )
    reads, personal = record_map.reads(), record_map.personal()
    return replace(record_map, filters=filters_of(table.filters, reads, personal, faults))


def _retention(values: Values, faults: Faults, default: Retention) -> Retention:
    named = faults.choice(values, "retention", tuple(Retention))
    return Retention(named) if named else default


def _embeds(head: dict[str, Node], faults: Faults) -> dict[str, str]:
    node = head.get("embeds")
    if node is None:
        return {}
    values = faults.mapping(node, frozenset(node.value if isinstance(node.value, dict) else ()))
    return {path: faults.text(values, path) for path in values}


def _end(table: _Table, key: str, faults: Faults) -> tuple[System, str]:
    text = faults.required(table.node, table.head, key)
    system, _, kind = text.partition(" ")
    if text and (system not in list(System) or not kind):
        place = table.head.get(key, table.node)
        faults.add(place, f"'{key}' is '{text}': write a system and a kind, as 'netsuite customer'")
    return (System(system) if system in list(System) else System.SALESFORCE), kind


def _subject(head: dict[str, Node], faults: Faults) -> DataSubject | None:
    node = head.get("subject")
    if node is None:
        return None
    values = faults.mapping(node, frozenset({"kind", "id"}))
    return DataSubject(
        kind=faults.required(node, values, "kind"), id=faults.required(node, values, "id")
    )


def _line_map(read: str, table: _Table, retention: Retention, faults: Faults) -> LineMap:
    return LineMap(
        read=read,
        write=faults.text(table.head, "write"),
        rules=_rules(table, retention, faults),
        needed=_needed(table, retention, faults),
    )


def _rules(table: _Table, retention: Retention, faults: Faults) -> tuple[Rule, ...]:
    return tuple(_rule(row, retention, faults) for row in table.rules.values())


def _rule(row: Node, retention: Retention, faults: Faults) -> Rule:
    values = faults.mapping(row, RULE_KEYS)
    if "owner" not in values:
        faults.add(row, "'owner' is missing: add it")
    if "personal" not in values:
        faults.add(row, "'personal' is missing: say yes or no")
    owner = faults.choice(values, "owner", tuple(Owner))
    return Rule(
        read=faults.text(values, "read"),
        write=faults.required(row, values, "write"),
        owner=Owner(owner) if owner else Owner.SALESFORCE,
        personal=faults.flag(values, "personal"),
        purpose=faults.required(row, values, "purpose"),
        retention=_retention(values, faults, retention),
        convert=faults.choice(values, "convert", sorted(CONVERSIONS), "conversion"),
        default=_default(values, faults),
        by_subsidiary=_by_subsidiary(values, faults),
        optional=faults.flag(values, "optional"),
        computed=faults.flag(values, "computed"),
        place=row.place,
    )


def _default(values: Values, faults: Faults) -> Value:
    default = values["default"].value if "default" in values else None
    if isinstance(default, None | bool | int | str):
        return default
    faults.add(values["default"], "'default' is not a text, whole number, yes or no")
    return None


def _by_subsidiary(values: Values, faults: Faults) -> tuple[tuple[str, str], ...]:
    node = values.get("by_subsidiary")
    if node is None:
        return ()
    named = faults.mapping(node, frozenset(node.value if isinstance(node.value, dict) else ()))
    return tuple((name, faults.text(named, name)) for name in sorted(named))


def _needed(table: _Table, retention: Retention, faults: Faults) -> tuple[Needed, ...]:
    needed = []
    for row in table.needed.values():
        values = faults.mapping(row, NEEDED_KEYS)
        needed.append(
            Needed(
                read=faults.required(row, values, "read"),
                purpose=faults.required(row, values, "purpose"),
                personal=faults.flag(values, "personal"),
                optional=faults.flag(values, "optional"),
                retention=_retention(values, faults, retention),
                place=row.place,
            )
        )
    return tuple(needed)


def _check_subsidiaries(laid: dict[str, _Table], maps: list[RecordMap], faults: Faults) -> None:
    for record_map in maps:
        of_lines = [rule for lines in record_map.lines for rule in lines.rules]
        wrong = [] if record_map.target_kind in SOLD else [*record_map.rules]
        if any(rule.by_subsidiary for rule in (*of_lines, *wrong)):
            node = laid[record_map.name].node
            faults.add(node, "'by_subsidiary' is for the fields of an order or estimate itself")


def _check_embeds(laid: dict[str, _Table], maps: list[RecordMap], faults: Faults) -> None:
    for record_map in maps:
        for path, name in record_map.embeds.items():
            if name not in laid:
                node = laid[record_map.name].head["embeds"]
                faults.add(node, f"'{path}' embeds map '{name}', which does not exist")
        if record_map.subject is None and (record_map.personal() or _personal_lines(record_map)):
            node = laid[record_map.name].node
            faults.add(node, "personal fields need a 'subject': say whom they are about")


def _personal_lines(record_map: RecordMap) -> bool:
    return any(rule.personal for lines in record_map.lines for rule in lines.rules) or any(
        item.personal for lines in record_map.lines for item in lines.needed
    )
