"""The map's filters: which documents stay in their own system, and by which rule."""

from kernel.maps import Maps, RecordMap
from kernel.maps.filters import Filter
from kernel.values import Document


def filter_that_applies(maps: Maps, record_map: RecordMap, document: Document) -> Filter | None:
    """The first filter that keeps the document where it is.

    A document read along is looked at too: an opportunity of a filtered account would bring the
    account with it.
    """
    own = ((item, "") for item in record_map.filters)
    embedded = (
        (item, f"{path}.")
        for path, name in record_map.embeds.items()
        if _was_read(document, path)
        for item in maps.named(name).filters
    )
    for item, prefix in (*own, *embedded):
        if item.applies(document.fields, prefix):
            return item
    return None


def _was_read(document: Document, path: str) -> bool:
    """Not so for a record that is not there, such as the account of an opportunity without one."""
    return document.fields.get(f"{path}.Id") is not None
