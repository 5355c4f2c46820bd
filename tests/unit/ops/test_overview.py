from datetime import UTC, datetime

from ops.lag import Lag
from ops.render.overview import AWAY, UNNAMED, WELL, ServiceState, overview
from ops.render.shapes import Summary, WaitingGroup

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
STATES = {
    "applied": 10, "unchanged": 0, "filtered": 2, "superseded": 0, "rejected": 0, "dead": 0,
    "parked": 11, "review": 1, "in_flight": 3,
}  # fmt: skip
UNMAPPED: WaitingGroup = {
    "code": "ITEM_UNMAPPED",
    "waits_on": "salesforce:Product2:01txx0000006i1WAAQ",
    "changes": 11,
    "oldest": "2026-11-20T09:00:00+00:00",
    "ref": "salesforce:Opportunity:006",
    "params": {"account": "Acme GmbH", "name": "Renewal", "product": "Gold support"},
    "worth": [
        {"money": {"amount": "48310", "currency": "EUR"}},
        {"money": {"amount": "2100", "currency": "USD"}},
    ],
}
REVIEW: WaitingGroup = {
    **UNMAPPED,
    "code": "WAITS_FOR_CUSTOMER",
    "waits_on": None,
    "changes": 1,
    "worth": [{"money": {"amount": "1", "currency": "EUR"}}],
}
SUMMARY: Summary = {
    "captured": 27,
    "states": STATES,
    "oldest_in_flight": "2026-11-20T10:59:56+00:00",
    "waiting": [UNMAPPED, REVIEW],
}


def told(
    services: list[ServiceState] | None = None,
    lags: list[Lag] | str = "",
    summary: Summary | str = SUMMARY,
) -> str:
    lines = overview(services or [], lags or [], summary, {}, NOW, 80)
    assert max(map(len, lines)) <= 80
    return " ".join(" ".join(lines).split())


def service(state: str, detail: str = "", **parts: str) -> ServiceState:
    return ServiceState(service="salesforce-writer", state=state, parts=parts, detail=detail)


def test_changes_are_counted_and_what_waits_is_worth_something() -> None:
    text = told()
    assert "27 changes: 12 ended, 3 in flight (oldest 4.0 s), 12 waiting" in text
    assert "Waiting: 12 changes worth 48,311.00 EUR, 2,100.00 USD" in text


def test_each_cause_says_how_many_wait_how_long_and_who_acts() -> None:
    text = told()
    assert "11 oldest 2 h · catalogue owner acts next · waits on Product2 01t…AAQ" in text
    assert "product 'Gold support' has no NetSuite item." in text
    assert "1 oldest 2 h · nobody has to act Order for Acme GmbH (Renewal) waits for" in text


def test_a_well_service_says_that_it_is_at_the_end_of_the_log() -> None:
    lag = Lag(service="salesforce-writer", topic="salesforce.commands.v1", records=0)
    assert "● salesforce-writer well · at the end of the log" in told([service(WELL)], [lag])


def test_a_service_that_is_behind_says_by_how_much() -> None:
    lag = Lag(service="salesforce-writer", topic="salesforce.commands.v1", records=1_204)
    assert "1,204 behind in salesforce.commands.v1" in told([service(WELL)], [lag])


def test_a_waiting_part_says_why() -> None:
    text = told([service("waits", salesforce="sign-in refused")])
    assert "○ salesforce-writer waits salesforce: sign-in refused" in text


def test_what_cannot_be_asked_is_said_and_hides_nothing_else() -> None:
    away = service(AWAY, "nothing answers at http://localhost:1")
    text = told([away, service(UNNAMED, "not in this stack")], "no Kafka answers", "no auditor")
    assert "○ salesforce-writer away · nothing answers at http://localhost:1" in text
    assert "○ salesforce-writer not in this stack" in text
    assert "Lag no Kafka answers" in text
    assert "Changes no auditor" in text
