"""An account becomes a customer with its first won opportunity, and follows its changes after."""

from kernel.maps import Owner
from kernel.messages import Result, Version, WriteCommand
from kernel.records import RecordRef, external_id_of, netsuite
from kernel.values import Document, Fields
from transform.domain.conversions import Row, currency_id
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Facts, Link, LinkStatus, Policy, Wanted
from transform.domain.mapping import AFTER_CREATION, EVERY_OWNER, mapped
from transform.domain.money_rules.rules import CustomerCurrency

KIND = "customer"
MAP = "account-to-customer"


def wanted(case: Case, policy: Policy) -> Wanted:
    return Wanted(
        links=frozenset({case.change.ref}),
        targets=frozenset({customer_target(case.change.ref, policy), case.change.ref}),
        references=frozenset({"currency"}),
    )


def customer_target(account: RecordRef, policy: Policy) -> RecordRef:
    return netsuite(KIND, f"eid:{external_id_of(policy.org_id, account)}")


def customer_link(account: RecordRef, policy: Policy) -> Link:
    return Link(source=account, kind=KIND, external_id=external_id_of(policy.org_id, account))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """An account is sent once it has a link, reserved or linked; its first order makes it one."""
    link = facts.links.get(case.change.ref)
    if link is None:
        return _ends(case, Result.FILTERED, "NO_WON_OPPORTUNITY", policy)
    record_map = policy.maps.named(MAP)
    exists = link.status is LinkStatus.LINKED
    owners = AFTER_CREATION if exists else EVERY_OWNER
    target = customer_target(case.change.ref, policy)
    to_write = mapped(record_map, document, facts, owners=owners)
    if exists:
        to_write = changed_only(to_write, target, facts)
    if is_empty(to_write):
        return _ends(case, Result.UNCHANGED, "UNCHANGED", policy)
    sent = _command(case, case.change.ref, case.change.version, to_write, policy)
    return Decision(case=case, commands=(sent,))


def customer_command(
    case: Case,
    opportunity: Document,
    account: RecordRef,
    version: Version,
    facts: Facts,
    policy: Policy,
) -> WriteCommand:
    """The customer, from the account's fields that were read along with the opportunity."""
    record_map = policy.maps.named(MAP)
    document = mapped(record_map, opportunity, facts, prefix="Account.", owners=frozenset(Owner))
    if policy.money.customer_currency is CustomerCurrency.ADD:
        document = Document(document.fields, _currencies(opportunity, facts))
    return _command(case, account, version, document, policy)


def _currencies(opportunity: Document, facts: Facts) -> dict[str, tuple[Fields, ...]]:
    """The order's currency, where it is not the account's own: the customer must allow it."""
    row = Row(fields=opportunity.fields)
    own = currency_id(row.get("Account.CurrencyIsoCode"), row, facts)
    of_order = currency_id(row.get("CurrencyIsoCode"), row, facts)
    if of_order is None or of_order == own:
        return {}
    return {"currencyList": ({"currency.id": of_order},)}


def _command(
    case: Case, account: RecordRef, version: Version, document: Document, policy: Policy
) -> WriteCommand:
    record_map = policy.maps.named(MAP)
    return command(
        case.cause,
        source=account,
        target=customer_target(account, policy),
        part=record_map.part,
        version=version,
        document=document,
        reads_back=record_map.reads_back,
        map_hash=policy.maps.hash,
    )


def _ends(case: Case, result: Result, code: str, policy: Policy) -> Decision:
    return Decision(case=case, outcome=ended(case.cause, result, code, map_hash=policy.maps.hash))
