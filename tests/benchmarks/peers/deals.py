"""The changes that P3 is measured on, and the facts that decide them: the same for everybody.

Half of them are won opportunities with two lines and the account read along, half are accounts
that are customers already; each becomes one command to NetSuite.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from kernel.codec import Codec
from kernel.headers import TRACEPARENT, headers_of
from kernel.messages import ChangeEvent, Coordinates, Message, Version
from kernel.records import RecordRef, external_id_of, salesforce
from kernel.topics import key_of
from kernel.values import Document
from tests.builders import ORG, POLICY, account_fields, change, facts, line, opportunity
from transform.domain.facts import Case, Facts, Link
from transform.pipeline import decide

DEALS = 5_000
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One message to produce."""

    key: str
    value: bytes
    headers: Headers


def account_of(number: int) -> RecordRef:
    return salesforce("Account", f"001xx0000000{number:05d}A")


def customer_links() -> list[Link]:
    refs = [account_of(number) for number in range(DEALS)]
    return [
        Link(
            source=ref,
            kind="customer",
            external_id=external_id_of(ORG, ref),
            netsuite_id=str(1_000 + number),
        )
        for number, ref in enumerate(refs)
    ]


def changes_of(burst: int, deals: int = DEALS) -> Iterator[ChangeEvent]:
    """Two changes a deal; each burst has opportunities of its own and newer accounts."""
    for number in range(deals):
        account = account_of(number)
        deal = salesforce("Opportunity", f"006xx{burst:03d}0000{number:05d}A")
        known = account_fields(Id=account.id, Name=f"Acme {burst} GmbH")
        half = {"UnitPrice": Decimal(2500), "TotalPrice": Decimal(5000)}
        lines = [line(**half), line(Id="00kxx0000002", **half)]
        won = opportunity(*lines, account=known, Id=deal.id, AccountId=account.id)
        version = Version(burst * 2 * DEALS + number + 1, 0)
        yield change(deal, won, version=version)
        yield change(account, Document(known), version=version)


@dataclass(slots=True)
class Desk:
    """What a hand-written service would keep in memory. Ours keeps it in PostgreSQL."""

    codec: Codec
    seen: set[str] = field(default_factory=set)
    latest: dict[RecordRef, Version] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        self.facts = replace(facts(*customer_links()), latest=self.latest, known=frozenset())

    def answers(self, value: bytes, place: Coordinates, parent: str) -> list[Answer]:
        """Decode, drop what was there before, decide, encode."""
        message = self.codec.decode(value)
        if not isinstance(message, ChangeEvent) or message.id in self.seen:
            return []
        decision = decide(Case(change=message, origin=place), self.facts, POLICY)
        self.seen.add(message.id)
        self.latest[message.ref] = message.version
        said: list[Message] = [
            *decision.commands,
            *([decision.outcome] if decision.outcome else []),
        ]
        return [self._answer(one, parent) for one in said]

    def _answer(self, message: Message, parent: str) -> Answer:
        headers = headers_of(message, self.codec, "peer")
        headers[TRACEPARENT] = parent
        return Answer(key_of(message), self.codec.encode(message), headers)
