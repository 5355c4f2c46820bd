"""Seal the personal values of many documents in one go, before anything durable sees them."""

from collections.abc import Mapping

from ingest.domain.personal import personal_values, with_sealed
from ingest.ports import Seals
from kernel.maps import Reading
from kernel.records import RecordRef
from kernel.values import Document, Sealed


async def sealed_documents(
    documents: Mapping[RecordRef, Document], readings: Mapping[str, Reading], seals: Seals
) -> dict[RecordRef, Document]:
    """The same documents with every value sealed that the reading of their kind calls personal."""
    personal = {
        ref: personal_values(item, readings[ref.kind], ref) for ref, item in documents.items()
    }
    wanted = [item for items in personal.values() for item in items]
    if not wanted:
        return dict(documents)
    sealed = iter(await seals.seal([(item.subject, item.path, item.value) for item in wanted]))
    return {
        ref: with_sealed(document, personal[ref], [_some(next(sealed)) for _ in personal[ref]])
        for ref, document in documents.items()
    }


def _some(value: Sealed | None) -> Sealed:
    assert value is not None  # only what is there was given to be sealed
    return value
