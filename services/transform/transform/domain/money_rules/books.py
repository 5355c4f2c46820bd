"""Which currency the books of a document are kept in, and how many digits NetSuite keeps."""

from decimal import Decimal

from kernel.maps import Maps
from kernel.money import minor_units
from kernel.rates import Pair
from kernel.records import netsuite, salesforce
from kernel.values import Document
from transform.domain.conversions import named_id
from transform.domain.facts import Facts

SUBSIDIARY, CURRENCY = "subsidiary", "currency"
OWN_FIELD, ACCOUNT_FIELD = "NS_Subsidiary__c", "Account.NS_Subsidiary__c"
CUSTOMER_MAP, CUSTOMER_FIELD = "account-to-customer", "subsidiary.id"
ROOT = "1"


def subsidiary_of(document: Document, facts: Facts, maps: Maps) -> str:
    """The subsidiary that a document of Salesforce goes to: the one that it names, else its
    customer's where that stands, else as the map fills it."""
    named = document.fields.get(OWN_FIELD), document.fields.get(ACCOUNT_FIELD)
    for value in (named[0], _customers_own(document, facts), named[1]):
        if isinstance(value, str) and value:
            return named_id(SUBSIDIARY, value, facts) or value
    rules = (rule for rule in maps.named(CUSTOMER_MAP).rules if rule.write == CUSTOMER_FIELD)
    default = next((str(rule.default) for rule in rules if rule.default), ROOT)
    return named_id(SUBSIDIARY, default, facts) or default


def _customers_own(document: Document, facts: Facts) -> str | None:
    account = document.fields.get("AccountId")
    link = facts.links.get(salesforce("Account", str(account)))
    if link is None or not link.netsuite_id:
        return None
    customer = facts.bodies.get(netsuite(link.kind, link.netsuite_id), Document())
    found = customer.fields.get(CUSTOMER_FIELD)
    return found if isinstance(found, str) and found else None


def base_currency(subsidiary: str, facts: Facts) -> str | None:
    """ISO code; None until it has been read."""
    own = facts.references.get((SUBSIDIARY, subsidiary))
    if own is not None and own.fields.get("currency.refName"):
        return str(own.fields["currency.refName"])
    if any(kind == SUBSIDIARY for kind, _ in facts.references):
        return None
    bases = (
        key
        for (kind, key), reference in facts.references.items()
        if kind == CURRENCY and reference.fields.get("isBaseCurrency") is True
    )
    return next(bases, None)


def pair_of(currency: str, subsidiary: str, facts: Facts) -> Pair | None:
    base = base_currency(subsidiary, facts)
    return Pair(currency, base) if base else None


def digits_of(currency: str, facts: Facts) -> int:
    """Digits behind the point that NetSuite keeps; those of ISO 4217 where it has not said."""
    found = facts.references.get((CURRENCY, currency))
    kept = found.fields.get("currencyPrecision") if found else None
    return int(Decimal(str(kept))) if kept is not None else minor_units(currency)
