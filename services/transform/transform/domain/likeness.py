"""Who a record may be on the other side: what is asked, what is known, what is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.records import RecordRef, System, netsuite
from kernel.values import Fields, Value
from transform.domain.matching.parties import Party

CUSTOMER = "customer"
WHOLE = netsuite("index", CUSTOMER)
"""Holds once every customer that NetSuite had at the start is known."""

CANDIDATES_MAX = 50
"""Compared with one account: those that share most with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A record to recognise, by its fields as they are sealed."""

    ref: RecordRef
    fields: Fields
    compares: bool
    """Whether others are to be compared with it; else it is only remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A NetSuite customer, or an account whose customer is on its way."""

    party: Party
    fields: Fields
    """As they are sealed."""
    holder: RecordRef | None = None
    """The account that has this customer."""
    customer: RecordRef | None = None
    """The customer itself; None while an account's is on its way."""

    @property
    def ref(self) -> RecordRef:
        return self.party.ref

    @property
    def is_free(self) -> bool:
        """A customer itself, and no account has it. An account never is, not even while it
        stands for a customer that has been made and cannot be found itself yet."""
        return self.customer == self.ref and self.holder is None

    @property
    def names(self) -> frozenset[RecordRef]:
        """What is said of one of these is said of this one: an account stands for its customer
        until that can be found itself."""
        return frozenset(ref for ref in (self.ref, self.holder, self.customer) if ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A record opened, in memory only, and who shares something with it."""

    party: Party
    keys: frozenset[bytes]
    """Under which it is found; nothing can be read from them."""
    candidates: tuple[Candidate, ...] = ()
    horizon: int = 0
    """Whoever has taken one of the keys after this is not among the candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is remembered of a record, so that others recognise it."""

    ref: RecordRef
    fields: Fields | None
    """Of an account, sealed; None where the newest document of the record is kept anyway."""
    keys: frozenset[bytes]
    horizon: int | None = None
    """Refused where one of the keys was taken after this; None: never refused."""
    is_gone: bool = False


def party_of(ref: RecordRef, opened: Fields) -> Party:
    """From the fields of an account or of a customer as the maps read them."""
    return (
        _of_account(ref, opened) if ref.system is System.SALESFORCE else _of_customer(ref, opened)
    )


def distinct(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """An account that stands for a customer of the list counts once, as the customer."""
    customers = {item.ref for item in candidates}
    return tuple(
        item for item in candidates if item.customer == item.ref or item.customer not in customers
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    fields: Fields = field(repr=False)

    def text(self, name: str) -> str:
        value: Value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, *names: str) -> tuple[str, ...]:
        return tuple(text for name in names if (text := self.text(name)))


def _of_account(ref: RecordRef, opened: Fields) -> Party:
    read = _Read(fields=opened)
    return Party(
        ref=ref,
        name=read.text("Name"),
        is_person=opened.get("IsPersonAccount") is True,
        websites=read.texts("Website"),
        emails=read.texts("NS_Billing_Email__c", "PersonEmail"),
        phones=read.texts("Phone"),
        tax_ids=read.texts("NS_VAT_Number__c"),
        country=read.text("BillingCountryCode") or read.text("BillingCountry"),
        postcode=read.text("BillingPostalCode"),
        city=read.text("BillingCity"),
        street=read.text("BillingStreet"),
    )


def _of_customer(ref: RecordRef, opened: Fields) -> Party:
    read = _Read(fields=opened)
    parent = read.text("parent.id")
    person = " ".join(read.texts("firstName", "lastName"))
    return Party(
        ref=ref,
        name=read.text("companyName") or person,
        is_person=opened.get("isPerson") is True,
        websites=read.texts("url"),
        emails=read.texts("email"),
        phones=read.texts("phone"),
        tax_ids=read.texts("vatRegNumber"),
        country=read.text("billing.country"),
        postcode=read.text("billing.zip"),
        city=read.text("billing.city"),
        street="\n".join(read.texts("billing.addr1", "billing.addr2")),
        parent=netsuite(CUSTOMER, parent) if parent else None,
        is_inactive=opened.get("isInactive") is True,
    )
