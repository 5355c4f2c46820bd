"""Entries of NetSuite's lists that a document or the map names, such as a subsidiary or a location.

They are found by name or id. A document that names one which is not there is held until it is.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from kernel.maps import Owner, RecordMap, Rule
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields, Value
from transform.domain.checks import Fault
from transform.domain.conversions import NAMED, named_id
from transform.domain.facts import Facts, Policy
from transform.domain.money_rules.books import SUBSIDIARY, subsidiary_of

MAPS_CACHED_MAX = 128
MISSING = "REFERENCE_MISSING"
WORDS: Mapping[str, str] = {"classification": "class", "paymentMethod": "payment method"}
"""Kinds that people call otherwise."""


@lru_cache(MAPS_CACHED_MAX)
def kinds_named_by(record_map: RecordMap) -> frozenset[str]:
    """The lists whose entries the map names."""
    of_lines = (rule for lines in record_map.lines for rule in lines.rules)
    found = {
        NAMED[rule.convert] for rule in (*record_map.rules, *of_lines) if rule.convert in NAMED
    }
    has_defaults = any(rule.by_subsidiary for rule in record_map.rules)
    return frozenset(found | ({SUBSIDIARY} if has_defaults else set()))


def fault_of_names(
    ref: RecordRef,
    record_map: RecordMap,
    document: Document,
    facts: Facts,
    owners: Collection[Owner],
    *,
    prefix: str = "",
    subsidiary: str = "",
) -> Fault | None:
    """The first entry that is not there, of the fields that these owners fill. `prefix` reads a
    document embedded in another; `subsidiary` decides about defaults."""
    if not kinds_named_by(record_map):
        return None
    rows: list[tuple[tuple[Rule, ...], Fields, str]] = [(record_map.rules, document.fields, prefix)]
    if not prefix:
        rows += [
            (lines.rules, line, "")
            for lines in record_map.lines
            for line in document.lines.get(lines.read, ())
        ]
    faults = (
        fault
        for rules, fields, before in rows
        for fault in _faults(ref, rules, fields, before, facts, owners, subsidiary)
    )
    return next(faults, None)


def with_subsidiary_defaults(
    order: Document,
    record_map: RecordMap,
    document: Document,
    facts: Facts,
    owners: Collection[Owner],
    policy: Policy,
) -> Document:
    """An order as the map gives it, with what the map names for its subsidiary in the fields that
    Salesforce leaves empty."""
    rules = [r for r in record_map.rules if r.by_subsidiary and r.owner in owners]
    if not rules:
        return order
    subsidiary = subsidiary_of(document, facts, policy.maps)
    chosen = {
        rule.write: named_id(NAMED[rule.convert], value, facts) if rule.convert in NAMED else value
        for rule in rules
        if (value := value_of(rule, document.fields, facts, subsidiary)) is not None
    }
    return Document({**order.fields, **chosen}, order.lines)


def value_of(rule: Rule, fields: Fields, facts: Facts, subsidiary: str, prefix: str = "") -> Value:
    """What the field says, else what the map names for the subsidiary, else for all."""
    value = fields.get(prefix + rule.read) if rule.read else None
    if value is not None:
        return value
    named = (
        value
        for name, value in rule.by_subsidiary
        if subsidiary and named_id(SUBSIDIARY, name, facts) == subsidiary
    )
    return next(named, rule.default)


def missing(record: str, field: str, kind: str, value: Value) -> Fault:
    """Waits for an entry of this name or id."""
    params: Fields = {
        "record": record,
        "field": field,
        "kind": WORDS.get(kind, kind),
        "value": value,
    }
    name = str(value).strip().casefold()
    return Fault(code=MISSING, params=params, waits_on=netsuite(kind, name))


def _faults(
    ref: RecordRef,
    rules: tuple[Rule, ...],
    fields: Fields,
    prefix: str,
    facts: Facts,
    owners: Collection[Owner],
    subsidiary: str,
) -> Iterator[Fault]:
    for rule in rules:
        if rule.convert not in NAMED or rule.owner not in owners:
            continue
        if rule.read and prefix + rule.read not in fields:
            continue
        value = value_of(rule, fields, facts, subsidiary, prefix)
        kind = NAMED[rule.convert]
        if value is not None and named_id(kind, value, facts) is None:
            yield missing(f"{ref.kind} {ref.id}", prefix + (rule.read or rule.write), kind, value)
