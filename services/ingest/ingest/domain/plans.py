"""What is read of each kind of document: all that the maps of its kind read, together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ingest.domain.netsuite_fields import TRANSACTION_KINDS
from kernel.maps import Reading

EVERY_TRANSACTION = "transaction"
"""A map that reads this kind reads every kind of transaction."""


def plans_of(readings: Iterable[Reading]) -> dict[str, Reading]:
    plans: dict[str, Reading] = {}
    for reading in readings:
        for kind in _kinds(reading.kind):
            own = replace(reading, kind=kind)
            plans[kind] = _together(plans[kind], own) if kind in plans else own
    return plans


def _kinds(kind: str) -> Iterable[str]:
    return sorted(TRANSACTION_KINDS) if kind == EVERY_TRANSACTION else [kind]


def _together(first: Reading, second: Reading) -> Reading:
    return Reading(
        kind=first.kind,
        fields=first.fields | second.fields,
        lines=_lists(first.lines, second.lines),
        personal=first.personal | second.personal,
        personal_lines=_lists(first.personal_lines, second.personal_lines),
        subject=first.subject or second.subject,
        embedded={**first.embedded, **second.embedded},
    )


def _lists(
    first: Mapping[str, frozenset[str]], second: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    names = {*first, *second}
    return {n: first.get(n, frozenset()) | second.get(n, frozenset()) for n in sorted(names)}
