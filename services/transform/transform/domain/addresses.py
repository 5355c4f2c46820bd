"""An account's two addresses as lines of the customer's address book."""

from kernel.values import Document, Fields, Value

BOOK = "addressBook"
KINDS = {"billing.": "defaultBilling", "shipping.": "defaultShipping"}
"""What stands before a rule's target field, and the mark of that address in the book."""
WITHIN = "addressBookAddress."


def with_addresses(document: Document) -> Document:
    """Fields like `billing.city` become one line an address. An empty address has none."""
    lines = tuple(
        line
        for prefix, mark in KINDS.items()
        if (line := _line(document.fields, prefix, mark)) is not None
    )
    fields = {
        name: value for name, value in document.fields.items() if not name.startswith(tuple(KINDS))
    }
    return Document(fields, {**document.lines, **({BOOK: lines} if lines else {})})


def _line(fields: Fields, prefix: str, mark: str) -> Fields | None:
    parts: dict[str, Value] = {
        WITHIN + name.removeprefix(prefix): value
        for name, value in fields.items()
        if name.startswith(prefix) and value is not None
    }
    return {mark: True, **parts} if parts else None
