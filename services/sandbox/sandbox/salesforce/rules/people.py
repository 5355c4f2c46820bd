"""The full name of a contact or user follows from its parts."""

from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work


def follow_assignment(
    work: Work, before: dict[str, Stored] | None, row: dict[str, Stored] | None
) -> None:
    """What a person sees depends on the permission sets that are assigned."""
    work.org.metadata.forget_views()


def compose_name(
    work: Work, before: dict[str, Stored] | None, row: dict[str, Stored], given: frozenset[str]
) -> None:
    parts = (row.get("FirstName"), row.get("LastName"))
    row["Name"] = " ".join(str(part) for part in parts if part)
