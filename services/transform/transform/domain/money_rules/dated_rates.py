"""NetSuite's rates as dated rates of Salesforce, so that its reports convert as the books do.

Salesforce keeps units of a currency for one of the org's corporate currency, with six digits
behind the point; NetSuite keeps units of the books' currency for one of another, with eight.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from kernel.messages import Alert, WriteCommand
from kernel.rates import Rate
from kernel.records import RecordRef, salesforce
from kernel.values import Document, Fields
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Case, Facts, Policy, Reference, Wanted
from transform.domain.money_rules.alerting import without_base
from transform.domain.money_rules.rates import rate_of

KIND, KEY, PART = "DatedConversionRate", "IsoCode@StartDate", "rate"
CORPORATE = "corporate"
"""The writer compares it with the org's own."""
DIGITS, PRECISION = 6, 40
ONE = Decimal(1)


def wanted_to_tell(rate: Rate | None, policy: Policy) -> Wanted:
    if rate is None or not policy.money.corporate_currency:
        return Wanted()
    target = target_of(rate)
    return Wanted(targets=frozenset({target}), references=frozenset({"subsidiary", "currency"}))


def target_of(rate: Rate) -> RecordRef:
    """Salesforce has no external id for it: currency and first day name it."""
    return salesforce(KIND, f"eid:{KEY}:{rate.pair.currency}@{rate.effective.isoformat()}")


def rate_command(
    case: Case, reference: Reference, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """None where Salesforce holds it, or counts in another currency, or nobody asks."""
    rate, corporate = rate_of(reference), policy.money.corporate_currency
    if rate.pair.base != corporate or rate.value <= 0:
        return None
    fields: Fields = {
        "IsoCode": rate.pair.currency,
        "StartDate": rate.effective,
        "ConversionRate": per_corporate(rate.value),
    }
    document = Document({CORPORATE: corporate}, {KIND: (fields,)})
    target = target_of(rate)
    if is_empty(changed_only(document, target, facts)):
        return None
    return command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=PART,
        version=case.change.version,
        document=document,
        map_hash=policy.maps.hash,
    )


def alerts_of(case: Case, reference: Reference, facts: Facts, policy: Policy) -> tuple[Alert, ...]:
    """None of the books is kept in the org's corporate currency: no rate can be told, ever."""
    corporate, base = policy.money.corporate_currency, rate_of(reference).pair.base
    bases = _bases(facts)
    if not corporate or corporate in {base, *bases} or not bases:
        return ()
    return (without_base(case, corporate, sorted(bases)),)


def per_corporate(rate: Decimal) -> Decimal:
    """Units of the currency for one of the base."""
    with localcontext(prec=PRECISION):
        return (ONE / rate).quantize(ONE.scaleb(-DIGITS), rounding=ROUND_HALF_UP)


def _bases(facts: Facts) -> set[str]:
    """The currencies in which books are kept; empty until they have been read."""
    own = {
        str(reference.fields["currency.refName"])
        for (kind, _), reference in facts.references.items()
        if kind == "subsidiary" and reference.fields.get("currency.refName")
    }
    return own or {
        key
        for (kind, key), reference in facts.references.items()
        if kind == "currency" and reference.fields.get("isBaseCurrency") is True
    }
