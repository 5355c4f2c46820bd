"""Items, locations, departments and classes belong to subsidiaries: no other may use them."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, ref, ref_id, text

PLACES = (("location", "location"), ("department", "department"), ("class", "classification"))
"""Field and the family of what it names."""


def belongs(document: Document, entry: Entry) -> bool:
    """To the subsidiary of the transaction. One without subsidiaries belongs to all of them."""
    chosen = entry.document.get("subsidiary")
    held = chosen.get("items") if isinstance(chosen, dict) else None
    if not isinstance(held, list) or not held:
        return True
    return any(
        isinstance(one, dict) and text(one, "id") == ref(document, "subsidiary") for one in held
    )


def places_belong(
    work: Work, document: Document, holder: Document, before: Document | None, path: str
) -> None:
    """Of the head or of a line, where they were chosen anew. A refusal names the line."""
    for name, family in PLACES:
        chosen = ref_id(holder, name)
        if not chosen or (before is not None and ref(before, name) == ref(holder, name)):
            continue
        entry = work.store.load(family, chosen)
        if entry is not None and not belongs(document, entry):
            raise invalid_field(chosen, name, path or name)
