"""Which customers belong to an account, as they themselves say."""

from kernel.records import source_of_external_id
from kernel.values import Document

FIELD = "custentity_sf_account_id"


def mark_of(document: Document) -> str:
    """The account's id in the field, or in an external id that Tallystick gives; else empty."""
    mark, external_id = document.fields.get(FIELD), document.fields.get("externalId")
    if isinstance(mark, str) and mark:
        return mark
    account = source_of_external_id(external_id) if isinstance(external_id, str) else None
    return account.id if account and account.kind == "Account" else ""
