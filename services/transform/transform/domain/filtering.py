"""The map's filters: which documents stay in their own system, and by which rule."""

from collections.abc import Iterator

from kernel.maps import Maps, RecordMap
from kernel.maps.filters import Filter
from kernel.records import RecordRef
from kernel.values import Document


def filter_that_applies(maps: Maps, ref: RecordRef, document: Document) -> Filter | None:
    """The first filter that keeps the document where it is, whichever of its maps names it.

    A document read along is looked at too: an opportunity of a filtered account would bring the
    account with it.
    """
    found = (
        rule
        for record_map in maps.of_kind(ref.system, ref.kind)
        for rule, prefix in _filters(maps, record_map, document)
        if rule.applies(document.fields, prefix)
    )
    return next(found, None)


def _filters(maps: Maps, record_map: RecordMap, document: Document) -> Iterator[tuple[Filter, str]]:
    """With what stands before the names of the fields that each looks at."""
    yield from ((rule, "") for rule in record_map.filters)
    for path, name in record_map.embeds.items():
        if _was_read(document, path):
            yield from ((rule, f"{path}.") for rule in maps.named(name).filters)


def _was_read(document: Document, path: str) -> bool:
    """Not so for a record that is not there, such as the account of an opportunity without one."""
    return document.fields.get(f"{path}.Id") is not None
