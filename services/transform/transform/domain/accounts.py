"""The account of a deal as it was read last: by a change of its own, which may have come before the
deal's and be newer than what was read along with the deal."""

from kernel.messages import Version
from kernel.records import RecordRef, salesforce
from kernel.values import Document
from transform.domain.deals import as_deal
from transform.domain.facts import Facts, Wanted

ACCOUNT, PREFIX = "Account", "Account."


def account_of(document: Document) -> RecordRef | None:
    account_id = document.fields.get("AccountId")
    return salesforce(ACCOUNT, account_id) if isinstance(account_id, str) else None


def wanted_of_buyer(ref: RecordRef, document: Document, facts: Facts) -> Wanted:
    """The account's own reading, where a customer is to be made of it now."""
    account = account_of(document)
    is_won = as_deal(ref, document).fields.get("IsWon") is True
    if account is None or account in facts.links or not is_won:
        return Wanted()
    return Wanted(bodies=frozenset({account}))


def as_read_last(document: Document, version: Version, facts: Facts) -> Document:
    """The deal, with the fields of its account from the account's own reading where that is newer
    than `version`, under which the account was read along."""
    account = account_of(document)
    body = facts.bodies.get(account) if account else None
    if account is None or body is None or facts.latest.get(account, version) <= version:
        return document
    newer = {f"{PREFIX}{name}": value for name, value in body.fields.items()}
    known = {name: value for name, value in newer.items() if name in document.fields}
    return Document({**document.fields, **known}, document.lines)
