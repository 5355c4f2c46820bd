"""What finance is told once about rates: none is fresh enough, or one was revised after use."""

from datetime import UTC, datetime

from kernel.identity import alert_id
from kernel.messages import EPOCH, Alert, AlertState
from kernel.rates import Pair, Rate
from kernel.records import netsuite
from kernel.values import Document, Fields
from transform.domain.checks import Fault
from transform.domain.facts import Case, Facts, Policy, RateUse
from transform.domain.money_rules.books import pair_of, subsidiary_of
from transform.domain.money_rules.rates import CURRENCY_RATE, key_of

SHOWN_MAX = 20
STALE, REVISED, BASELESS = "RATES_STALE", "RATE_REVISED", "RATES_WITHOUT_BASE"


def subject_of(pair: Pair) -> str:
    """Under this name changes wait for rates of the pair, each for a span of days behind an `@`."""
    return str(netsuite(CURRENCY_RATE, str(pair)))


def raised_by(fault: Fault, case: Case) -> tuple[Alert, ...]:
    if fault.code != "RATE_STALE":
        return ()
    personal = {"account", "name"}
    params = {name: value for name, value in fault.params.items() if name not in personal}
    return (_raised(case, subject_of(Pair(*str(params["pair"]).split("/"))), STALE, params),)


def cleared_by(document: Document, facts: Facts, policy: Policy) -> tuple[str, ...]:
    """An order that passes shows that the rates of its pair are fresh again."""
    currency = document.fields.get("CurrencyIsoCode")
    pair = pair_of(str(currency), subsidiary_of(document, facts, policy.maps), facts)
    return (subject_of(pair),) if pair and pair.currency != pair.base else ()


def revised(case: Case, before: Rate, now: Rate, uses: tuple[RateUse, ...]) -> tuple[Alert, ...]:
    """Documents that were booked at the rate before, on days on which the new one holds."""
    affected = [
        use
        for use in uses
        if use.pair == now.pair and use.day >= now.effective and use.rate == before.value
    ]
    if before.value == now.value or not affected:
        return ()
    shown = ", ".join(f"{use.ref.kind} {use.ref.id}" for use in affected[:SHOWN_MAX])
    more = len(affected) - SHOWN_MAX
    params: Fields = {
        "pair": str(now.pair),
        "day": now.effective,
        "old": before.value,
        "new": now.value,
        "count": len(affected),
        "documents": f"{shown} and {more} more" if more > 0 else shown,
    }
    key = key_of(now.pair, now.effective)
    subject = f"revised:{netsuite(CURRENCY_RATE, key)}={now.value}"
    return (_raised(case, subject, REVISED, params),)


def without_base(case: Case, corporate: str, bases: list[str]) -> Alert:
    """No books are kept in the currency that Salesforce counts in."""
    params: Fields = {"corporate": corporate, "bases": ", ".join(bases)}
    return _raised(case, f"rates-without-base:{corporate}", BASELESS, params)


def _raised(case: Case, subject: str, code: str, params: Fields) -> Alert:
    return Alert(
        id=alert_id(subject, AlertState.RAISED, case.change.id),
        subject=subject,
        state=AlertState.RAISED,
        code=code,
        params=params,
        since=_told_at(case),
    )


def _told_at(case: Case) -> datetime:
    moments = [capture.committed_at for capture in case.change.captures]
    return max(moments, default=EPOCH).astimezone(UTC)
