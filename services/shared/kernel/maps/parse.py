"""Reads the map's tables, shipped ones first and a deployment's overlay after, into `Maps`.

Every fault of every table is found in one go, each with its place and the remedy.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kernel.errors import FatalError
from kernel.maps import (
    CONVERSIONS,
    DataSubject,
    LineMap,
    Maps,
    Needed,
    Owner,
    RecordMap,
    Rule,
)
from kernel.nodes import Node
from kernel.records import System

MAP_KEYS = frozenset(
    "map reads writes part subject embeds reads_back keeps enabled needed rules lines".split()
)
RULE_KEYS = frozenset("read write owner personal purpose convert default computed remove".split())
NEEDED_KEYS = frozenset("read purpose personal remove".split())
LINE_KEYS = frozenset("read write rules needed".split())


class MapsError(FatalError):
    """The tables cannot be used; the message lists every fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(["the map cannot be used:", *faults]))
        self.faults = tuple(faults)


@dataclass(slots=True)
class _Table:
    """One map while its tables are laid over each other."""

    node: Node
    head: dict[str, Node]
    rules: dict[str, Node] = field(default_factory=dict)
    needed: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, "_Table"] = field(default_factory=dict)


@dataclass(slots=True)
class _Faults:
    found: list[str] = field(default_factory=list)

    def add(self, node: Node, what: str) -> None:
        self.found.append(f"{node.place}: {what}")

    def text(self, parent: Node, values: dict[str, Node], key: str, default: str = "") -> str:
        if key not in values:
            return default
        value = values[key].value
        if not isinstance(value, str):
            self.add(values[key], f"'{key}' is {value!r}: write a text")
            return default
        return value

    def required(self, parent: Node, values: dict[str, Node], key: str) -> str:
        if key not in values:
            self.add(parent, f"'{key}' is missing: add it")
        return self.text(parent, values, key)

    def flag(self, values: dict[str, Node], key: str) -> bool:
        node = values.get(key)
        if node is not None and not isinstance(node.value, bool):
            self.add(node, f"'{key}' is {node.value!r}: write yes or no")
        return node is not None and node.value is True

    def mapping(self, node: Node, known: frozenset[str]) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self.add(node, "a mapping is due here")
            return {}
        for key in sorted(node.value.keys() - known):
            self.add(node.value[key], f"'{key}' is unknown: use one of {', '.join(sorted(known))}")
        return node.value

    def sequence(self, values: dict[str, Node], key: str) -> list[Node]:
        node = values.get(key)
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.add(node, f"'{key}' is not a list: begin each entry with a dash")
            return []
        return node.value


def parse_maps(tables: Iterable[Node]) -> Maps:
    """MapsError lists all faults of all tables."""
    faults = _Faults()
    laid: dict[str, _Table] = {}
    for node in tables:
        values = faults.mapping(node, MAP_KEYS)
        name = faults.required(node, values, "map")
        table = laid.setdefault(name, _Table(node, {}))
        _lay(table, node, values, faults)
    maps = [_record_map(name, table, faults) for name, table in laid.items()]
    _check_embeds(laid, maps, faults)
    if faults.found:
        raise MapsError(faults.found)
    return Maps(maps=tuple(maps), hash=hashlib.sha256(repr(maps).encode()).hexdigest()[:16])


def _lay(table: _Table, node: Node, values: dict[str, Node], faults: _Faults) -> None:
    """Put one table over what stands already: rows with the same target field are replaced."""
    table.head.update({k: v for k, v in values.items() if k not in {"rules", "needed", "lines"}})
    for row in faults.sequence(values, "rules"):
        _lay_row(table.rules, row, "write", faults.mapping(row, RULE_KEYS), faults)
    for row in faults.sequence(values, "needed"):
        _lay_row(table.needed, row, "read", faults.mapping(row, NEEDED_KEYS), faults)
    for line in faults.sequence(values, "lines"):
        inner = faults.mapping(line, LINE_KEYS)
        name = faults.required(line, inner, "read")
        _lay(table.lines.setdefault(name, _Table(line, {})), line, inner, faults)


def _lay_row(
    rows: dict[str, Node], row: Node, key: str, values: dict[str, Node], faults: _Faults
) -> None:
    name = faults.required(row, values, key)
    if not faults.flag(values, "remove"):
        rows[name] = row
    elif rows.pop(name, None) is None:
        faults.add(row, f"there is no row with {key}: {name} to remove; take this row out")


def _record_map(name: str, table: _Table, faults: _Faults) -> RecordMap:
    source, source_kind = _end(table, "reads", faults)
    target, target_kind = _end(table, "writes", faults)
    head = table.head
    embeds = _embeds(head, faults)
    return RecordMap(
        name=name,
        source=source,
        source_kind=source_kind,
        target=target,
        target_kind=target_kind,
        part=faults.required(table.node, head, "part"),
        subject=_subject(head, faults),
        rules=_rules(table, faults),
        needed=_needed(table, faults),
        lines=tuple(_line_map(read, inner, faults) for read, inner in table.lines.items()),
        embeds=embeds,
        keeps=faults.flag(head, "keeps"),
        enabled="enabled" not in head or faults.flag(head, "enabled"),
        reads_back=tuple(str(item.value) for item in faults.sequence(head, "reads_back")),
    )


def _embeds(head: dict[str, Node], faults: _Faults) -> dict[str, str]:
    node = head.get("embeds")
    if node is None:
        return {}
    values = faults.mapping(node, frozenset(node.value if isinstance(node.value, dict) else ()))
    return {path: faults.text(node, values, path) for path in values}


def _end(table: _Table, key: str, faults: _Faults) -> tuple[System, str]:
    text = faults.required(table.node, table.head, key)
    system, _, kind = text.partition(" ")
    if text and (system not in list(System) or not kind):
        place = table.head.get(key, table.node)
        faults.add(place, f"'{key}' is '{text}': write a system and a kind, as 'netsuite customer'")
    return (System(system) if system in list(System) else System.SALESFORCE), kind


def _subject(head: dict[str, Node], faults: _Faults) -> DataSubject | None:
    node = head.get("subject")
    if node is None:
        return None
    values = faults.mapping(node, frozenset({"kind", "id"}))
    return DataSubject(
        kind=faults.required(node, values, "kind"), id=faults.required(node, values, "id")
    )


def _line_map(read: str, table: _Table, faults: _Faults) -> LineMap:
    return LineMap(
        read=read,
        write=faults.text(table.node, table.head, "write"),
        rules=_rules(table, faults),
        needed=_needed(table, faults),
    )


def _rules(table: _Table, faults: _Faults) -> tuple[Rule, ...]:
    return tuple(_rule(row, faults) for row in table.rules.values())


def _rule(row: Node, faults: _Faults) -> Rule:
    values = faults.mapping(row, RULE_KEYS)
    owner = faults.required(row, values, "owner")
    convert = faults.text(row, values, "convert")
    if owner and owner not in list(Owner):
        faults.add(values["owner"], f"owner '{owner}' is unknown: use one of {', '.join(Owner)}")
    if convert and convert not in CONVERSIONS:
        known = ", ".join(sorted(CONVERSIONS))
        faults.add(values["convert"], f"conversion '{convert}' is unknown: use one of {known}")
    if "personal" not in values:
        faults.add(row, "'personal' is missing: say yes or no")
    default = values["default"].value if "default" in values else None
    if not isinstance(default, None | bool | int | str):
        faults.add(values["default"], "'default' is not a text, whole number, yes or no")
        default = None
    return Rule(
        read=faults.text(row, values, "read"),
        write=faults.required(row, values, "write"),
        owner=Owner(owner) if owner in list(Owner) else Owner.SALESFORCE,
        personal=faults.flag(values, "personal"),
        purpose=faults.required(row, values, "purpose"),
        convert=convert,
        default=default,
        computed=faults.flag(values, "computed"),
    )


def _needed(table: _Table, faults: _Faults) -> tuple[Needed, ...]:
    needed = []
    for row in table.needed.values():
        values = faults.mapping(row, NEEDED_KEYS)
        needed.append(
            Needed(
                read=faults.required(row, values, "read"),
                purpose=faults.required(row, values, "purpose"),
                personal=faults.flag(values, "personal"),
            )
        )
    return tuple(needed)


def _check_embeds(laid: dict[str, _Table], maps: list[RecordMap], faults: _Faults) -> None:
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
