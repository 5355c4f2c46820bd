"""How a record is named: which system, what kind, which id."""

from dataclasses import dataclass
from enum import StrEnum

EXTERNAL_ID_PREFIX = "eid:"
"""Marks a ref's id as an external id, as in NetSuite's own URLs: `eid:sf-00D…-Account-001…`."""


BORNE = "="
"""Never part of an external id of NetSuite's own."""
EVERY_TRANSACTION = "transaction"
"""Stands for every kind of NetSuite transaction, where a map reads them all alike."""
TRANSACTION_KINDS = frozenset(
    "salesOrder invoice creditMemo customerPayment customerRefund customerDeposit"
    " depositApplication cashSale cashRefund returnAuthorization itemReceipt"
    " itemFulfillment".split()
)


class System(StrEnum):
    SALESFORCE = "salesforce"
    NETSUITE = "netsuite"

    __hash__ = str.__hash__  # an Enum's own is written in Python

    @property
    def other(self) -> "System":
        return System.NETSUITE if self is System.SALESFORCE else System.SALESFORCE


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """One record in one system. `kind` is the system's own name for it."""

    system: System
    kind: str
    id: str

    def __hash__(self) -> int:
        """By the id alone: refs are looked up all the time, and hardly two have the same id."""
        return hash(self.id)

    def __str__(self) -> str:
        return f"{self.system}:{self.kind}:{self.id}"

    @property
    def external_id(self) -> str | None:
        """The external id, where this ref names its record by one."""
        found = self.id.startswith(EXTERNAL_ID_PREFIX)
        return self.id.removeprefix(EXTERNAL_ID_PREFIX) if found else None

    @property
    def mark(self) -> tuple[str, str] | None:
        """The field and the value by which the record is found, where an external id stands for
        them; see `borne_by`."""
        field, sign, value = (self.external_id or "").partition(BORNE)
        return (field, value) if sign else None

    @classmethod
    def parse(cls, text: str) -> "RecordRef":
        """Read `system:kind:id`. The id may hold colons. ValueError says what is wrong."""
        parts = text.split(":", 2)
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"'{text}' is not a ref: write system:kind:id")
        system, kind, record_id = parts
        if system not in list(System):
            known = ", ".join(System)
            raise ValueError(f"'{system}' in '{text}' is not a system: use one of {known}")
        return cls(System(system), kind, record_id)


def salesforce(kind: str, record_id: str) -> RecordRef:
    return RecordRef(System.SALESFORCE, kind, record_id)


def netsuite(kind: str, record_id: str) -> RecordRef:
    return RecordRef(System.NETSUITE, kind, record_id)


def external_id_of(org_id: str, source: RecordRef) -> str:
    """The external id under which NetSuite keeps the counterpart of a Salesforce record.

    `sf-<org, 15 characters>-<object>-<id, 18 characters>`; NetSuite allows letters, digits,
    `_` and `-` there. The same source always gives the same id.
    """
    return f"sf-{org_id[:15]}-{source.kind}-{source.id}"


def borne_by(field: str, value: str) -> str:
    """Stands in the place of an external id where a field of the record bears our mark, because
    another application owns the external ids. NetSuite keeps no such field unique."""
    return f"{field}{BORNE}{value}"


def source_of_external_id(external_id: str) -> RecordRef | None:
    """The Salesforce record behind an external id of ours; None for anybody else's."""
    parts = external_id.split("-")
    if len(parts) != 4 or parts[0] != "sf":
        return None
    return salesforce(parts[2], parts[3])
