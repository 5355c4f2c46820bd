"""Which fields of a document the other side fills: read, so that an edit of one is noticed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from kernel.maps import Maps, Owner, Reading, RecordMap, Rule, SealedAs, readings_of
from kernel.records import System

GUARDS_CACHED_MAX = 256
"""Kinds of documents, of every map in force."""
OWNERS = {
    System.SALESFORCE: frozenset(Owner) - {Owner.NETSUITE},
    System.NETSUITE: frozenset(Owner) - {Owner.SALESFORCE},
}
"""The owner kinds under which a system's value can be the one that stands, at some time."""


BY_VALUE = frozenset({"", "is-on", "negated"})
"""Conversions that make one value of another and look at nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One field of a document, and the map and rule by which the other side fills it."""

    rule: Rule
    map: RecordMap
    sealed_as: SealedAs | None = None

    @property
    def field(self) -> str:
        return self.rule.write


@lru_cache(GUARDS_CACHED_MAX)
def guards_of(maps: Maps, system: System, kind: str) -> tuple[Guard, ...]:
    """Only what can be compared: a value that is personal and comes without the id of whom it is
    about says nothing; one that names another record moves when that is merged."""
    return tuple(
        Guard(rule=rule, map=record_map, sealed_as=_sealed_as(record_map, rule))
        for record_map in maps.sources(system.other)
        if (record_map.target, record_map.target_kind) == (system, kind)
        for rule in _comparable(record_map)
    )


def guarded_readings(
    maps: Maps, system: System, can_read: Callable[[str, str], bool]
) -> dict[str, Reading]:
    """All that is read of a system, by kind, the fields included that the other side owns.

    `can_read` says of a kind and a field whether its system tells it at all.
    """
    return {
        kind: _guarded(
            reading, [g for g in guards_of(maps, system, kind) if can_read(kind, g.field)]
        )
        for kind, reading in readings_of(maps, system).items()
    }


def _guarded(reading: Reading, guards: list[Guard]) -> Reading:
    fields = frozenset(guard.field for guard in guards)
    sealed_as = {guard.field: guard.sealed_as for guard in guards if guard.sealed_as}
    return replace(
        reading,
        fields=reading.fields | fields,
        guarded=fields - reading.fields,
        personal=reading.personal | sealed_as.keys(),
        sealed_as=sealed_as,
    )


def _comparable(record_map: RecordMap) -> Iterator[Rule]:
    for rule in record_map.rules:
        is_own = rule.read and rule.owner in OWNERS[record_map.source]
        is_plain = is_own and rule.convert in BY_VALUE
        if is_plain and (not rule.personal or _sealed_as(record_map, rule)):
            yield rule


def _sealed_as(record_map: RecordMap, rule: Rule) -> SealedAs | None:
    subject = record_map.subject
    if subject is None or not rule.personal:
        return None
    named = (r for r in record_map.rules if r.read == subject.id and not r.convert)
    names_it = next(named, None)
    if names_it is None:
        return None
    path = f"{record_map.source_kind}.{rule.read}"
    return SealedAs(kind=subject.kind, id_field=names_it.write, path=path)
