"""How a customer that we make is named until NetSuite has said its id."""

from kernel.records import RecordRef, borne_by, external_id_of, salesforce
from kernel.values import Document
from transform.domain.facts import Facts, Identity, Link, LinkStatus, Policy

MARK = "custentity_sf_account_id"


def name_of(account: RecordRef, policy: Policy) -> str:
    """An external id; or the mark in a field, where another application owns the external ids."""
    if policy.identity is Identity.FIELD:
        return borne_by(MARK, account.id)
    return external_id_of(policy.org_id, account)


def bears(link: Link) -> bool:
    """Whether the link names its customer by a mark, until the customer's own id is known."""
    return link.external_id == borne_by(MARK, link.source.id)


def account_named(document: Document) -> RecordRef | None:
    """The account that a customer says it belongs to. A person may have copied that."""
    account = document.fields.get(MARK)
    return salesforce("Account", account) if isinstance(account, str) and account else None


def account_awaiting(document: Document, facts: Facts) -> RecordRef | None:
    """The account whose customer is being made and told by NetSuite before the writer told it."""
    account = account_named(document)
    link = facts.links.get(account) if account else None
    is_awaited = link is not None and link.status is LinkStatus.RESERVED and bears(link)
    return account if is_awaited else None
