"""What waits for a rate, and who is told: transform on a real Kafka and PostgreSQL."""

from datetime import date
from decimal import Decimal

import pytest

from kernel.messages import Alert, AlertState, ChangeEvent, Result, Version
from kernel.records import netsuite
from kernel.topics import ALERTS, NETSUITE_COMMANDS
from kernel.values import Document, Fields
from ops.local.stack import Stack
from tests.builders import account_fields, change, line, opportunity
from tests.integration.transform.test_transform import Deal, Neighbours, log, neighbours, stack
from tests.log import LogClient, eventually, never_more

__all__ = ["log", "neighbours", "stack"]
DAY, PAIR = date(2026, 11, 20), "netsuite:currencyRate:GBP/USD"
POUND: Fields = {"id": "2", "symbol": "GBP", "currencyPrecision": 2, "isInactive": False}
SUBSIDIARY: Fields = {"id": "5", "name": "Books in dollars", "currency.refName": "USD"}
PERIOD: Fields = {
    "id": "11",
    "periodName": "Nov 2026",
    "startDate": date(2026, 11, 1),
    "endDate": date(2026, 11, 30),
    "closed": False,
}


@pytest.fixture(scope="module", autouse=True)
def _books(log: LogClient, neighbours: Neighbours) -> None:
    kept = [
        change(netsuite("currency", "2"), Document(POUND)),
        change(netsuite("subsidiary", "5"), Document(SUBSIDIARY)),
        change(netsuite("accountingPeriod", "11"), Document(PERIOD)),
        rate("100", date(2026, 11, 11), "1.30"),
    ]
    log.send(*kept)
    for event in kept:
        neighbours.outcome(event.id, Result.APPLIED)


def rate(record_id: str, day: date, value: str, version: int = 1) -> ChangeEvent:
    fields: Fields = {
        "id": record_id,
        "transactionCurrency.refName": "GBP",
        "baseCurrency.refName": "USD",
        "exchangeRate": Decimal(value),
        "effectiveDate": day,
    }
    ref = netsuite("currencyRate", record_id)
    return change(ref, Document(fields), version=Version(version, 0))


def in_pounds(deal: Deal, day: date = DAY) -> ChangeEvent:
    document = opportunity(
        line(**{"Product2Id": deal.product.id}),
        account=account_fields(
            Id=deal.account.id,
            Name=deal.buyer,
            Website=None,
            NS_Subsidiary__c="5",
            CurrencyIsoCode="GBP",
        ),
        Id=deal.opportunity.id,
        AccountId=deal.account.id,
        CurrencyIsoCode="GBP",
        CloseDate=day,
    )
    return change(deal.opportunity, document)


def alerts(log: LogClient, state: AlertState, code: str = "RATES_STALE") -> list[Alert]:
    found = (m for m in log.messages(ALERTS) if isinstance(m, Alert))
    return [alert for alert in found if (alert.state, alert.code) == (state, code)]


def test_t3_5_what_waits_for_a_rate_follows_when_it_comes_and_finance_is_told_once(
    stack: Stack, log: LogClient, neighbours: Neighbours
) -> None:
    deals = [Deal(), Deal()]
    events = [in_pounds(deal) for deal in deals]
    log.send(*events)
    for event in events:
        waiting = neighbours.outcome(event.id, Result.PARKED)
        assert (waiting.code, waiting.params["newest"]) == ("RATE_STALE", "of 2026-11-11")
        assert str(waiting.waits_on) == f"{PAIR}@2026-11-19..GBP/USD@2026-11-20"
    (raised,) = eventually(lambda: alerts(log, AlertState.RAISED))
    assert (raised.subject, raised.params["oldest"]) == (PAIR, date(2026, 11, 19))
    log.send(rate("101", date(2026, 11, 18), "1.29"))  # still too old, and so is one to come
    log.send(rate("102", date(2026, 11, 21), "1.31"))
    never_more(lambda: neighbours.commands(NETSUITE_COMMANDS, deals[0].account), 0, for_s=0.5)
    log.send(rate("103", DAY, "1.32"))
    for deal in deals:
        assert neighbours.command(NETSUITE_COMMANDS, deal.account)
        neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.account), deal.account.id[-6:])
        order = neighbours.command(NETSUITE_COMMANDS, deal.opportunity)
        assert "exchangeRate" not in order.document.fields
    eventually(lambda: alerts(log, AlertState.CLEARED))
    never_more(lambda: alerts(log, AlertState.CLEARED), 1, for_s=0.2)
    assert len(alerts(log, AlertState.RAISED)) == 1


def test_a_rate_that_is_revised_lists_what_was_booked_at_it(
    log: LogClient, neighbours: Neighbours
) -> None:
    booked: Fields = {
        "id": "900",
        "externalId": None,
        "currency.refName": "GBP",
        "baseCurrency": "USD",
        "exchangeRate": Decimal("1.5"),
        "tranDate": date(2026, 11, 16),
    }
    first = rate("110", date(2026, 11, 16), "1.5")
    order = change(netsuite("salesOrder", "900"), Document(booked))
    log.send(first, order)
    neighbours.outcome(first.id, Result.APPLIED)
    neighbours.outcome(order.id, Result.FILTERED)
    log.send(rate("110", date(2026, 11, 16), "1.6", version=2))
    (told,) = eventually(lambda: alerts(log, AlertState.RAISED, "RATE_REVISED"))
    assert (told.params["documents"], told.params["new"]) == ("salesOrder 900", Decimal("1.6"))


def test_an_order_waits_until_its_period_is_open_again(
    log: LogClient, neighbours: Neighbours
) -> None:
    """Where no later period is open there is no other date for it."""
    shut = {**PERIOD, "closed": True}
    closing = change(netsuite("accountingPeriod", "11"), Document(shut), version=Version(2, 0))
    log.send(closing)
    neighbours.outcome(closing.id, Result.APPLIED)
    deal = Deal()
    event = in_pounds(deal)
    log.send(event)
    assert neighbours.outcome(event.id, Result.PARKED).code == "ORDER_PERIOD_CLOSED"
    log.send(change(netsuite("accountingPeriod", "11"), Document(PERIOD), version=Version(3, 0)))
    assert neighbours.command(NETSUITE_COMMANDS, deal.account)
