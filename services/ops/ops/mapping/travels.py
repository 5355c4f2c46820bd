"""The map as one flat list: each field that is read or written, with all that is said of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kernel.maps import Maps, Needed, Owner, RecordMap, Retention, Rule
from kernel.maps.filters import Filter, looks_of
from kernel.verdicts import SYSTEM_NAMES
from ops.render.values import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """One row of a map. `owner` is None and `write` empty where a field is only decided by."""

    record_map: RecordMap
    read_list: str = ""
    """The list whose lines hold the field; empty for a field of the root."""
    write_list: str = ""
    read: str
    write: str = ""
    owner: Owner | None = None
    purpose: str
    personal: bool
    retention: Retention
    convert: str = ""
    value: str = ""
    """The default as text; empty where there is none."""
    computed: bool = False
    place: str = ""

    @property
    def source(self) -> str:
        """`Opportunity.OpportunityLineItems.Quantity`; empty where nothing is read."""
        if not self.read:
            return ""
        return ".".join(filter(None, (self.record_map.source_kind, self.read_list, self.read)))

    @property
    def target(self) -> str:
        """`salesOrder.item.quantity`; empty where nothing is written."""
        if not self.write:
            return ""
        return ".".join(filter(None, (self.record_map.target_kind, self.write_list, self.write)))

    @property
    def destination(self) -> str:
        """`NetSuite customer`; where a field stays that only decides."""
        if not self.write:
            return "the log"
        return f"{SYSTEM_NAMES[self.record_map.target]} {self.record_map.target_kind}"

    @property
    def origin(self) -> str:
        """What the value is made from, in few words: a field, a constant, a sum."""
        if self.computed:
            return f"{self.read} (worked out)"
        if self.read:
            return self.read
        return f"always {self.value}" if self.value else "always empty"

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Those that look at this field."""
        if self.read_list or not self.read or self.computed:
            return ()
        return tuple(
            item
            for item in self.record_map.filters
            if any(look.field == self.read for look in looks_of(item.when))
        )


def travels_of(record_map: RecordMap) -> Iterator[Travel]:
    """What is written first, then what is only decided by; the root first, then its lines."""
    yield from _rules(record_map, record_map.rules)
    for lines in record_map.lines:
        yield from _rules(record_map, lines.rules, lines.read, lines.write)
    yield from _needed(record_map, record_map.needed)
    for lines in record_map.lines:
        yield from _needed(record_map, lines.needed, lines.read)


def all_travels(maps: Maps) -> list[Travel]:
    return [travel for record_map in maps.maps for travel in travels_of(record_map)]


def title_of(record_map: RecordMap) -> str:
    """`Salesforce Account → NetSuite customer`; one side where nothing is written over there."""
    source = f"{SYSTEM_NAMES[record_map.source]} {record_map.source_kind}"
    if not _writes(record_map):
        return source
    return f"{source} → {SYSTEM_NAMES[record_map.target]} {record_map.target_kind}"


def _writes(record_map: RecordMap) -> bool:
    return bool(record_map.rules) or any(lines.rules for lines in record_map.lines)


def _rules(
    record_map: RecordMap, rules: Iterable[Rule], read_list: str = "", write_list: str = ""
) -> Iterator[Travel]:
    for rule in rules:
        yield Travel(
            record_map=record_map,
            read_list=read_list,
            write_list=write_list,
            read=rule.read,
            write=rule.write,
            owner=rule.owner,
            purpose=rule.purpose,
            personal=rule.personal,
            retention=rule.retention,
            convert=rule.convert,
            value="" if rule.default is None else text_of(rule.default, {}),
            computed=rule.computed,
            place=rule.place,
        )


def _needed(
    record_map: RecordMap, needed: Iterable[Needed], read_list: str = ""
) -> Iterator[Travel]:
    for item in needed:
        yield Travel(
            record_map=record_map,
            read_list=read_list,
            read=item.read,
            purpose=item.purpose,
            personal=item.personal,
            retention=item.retention,
            place=item.place,
        )
