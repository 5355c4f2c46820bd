"""Won opportunities become orders."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kernel.messages import TOO_LARGE, ChangeKind, Result, Version
from kernel.money import Money
from kernel.records import netsuite, salesforce
from kernel.values import Document, Fields, Sealed, Value, value_hash
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    POLICY,
    PRODUCT,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    line,
    opportunity,
    order_link,
)
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts, Link, Reference
from transform.domain.money_rules.books import subsidiary_of
from transform.pipeline import decide, wanted

ORDER_EID = f"eid:sf-{POLICY.org_id[:15]}-Opportunity-{OPPORTUNITY.id}"
CUSTOMER_EID = f"eid:sf-{POLICY.org_id[:15]}-Account-{ACCOUNT.id}"


def decided(document: Document, known: Facts, version: Version = Version(1, 0)) -> Decision:
    return decide(case(change(OPPORTUNITY, document, version=version)), known, POLICY)


def test_a_won_opportunity_of_a_linked_customer_becomes_an_order_in_its_own_currency() -> None:
    decision = decided(opportunity(), facts(customer_link()))
    (command,) = decision.commands
    assert decision.outcome is None
    assert command.target == netsuite("salesOrder", ORDER_EID)
    assert command.document.fields == {
        "custbody_sf_opportunity_id": OPPORTUNITY.id,
        "entity.id": "77",
        "tranDate": date(2026, 11, 20),
        "currency.id": "4",
        "memo": "Renewal 2027",
        "otherRefNum": None,
        "orderStatus.id": "A",
    }
    assert command.document.lines == {
        "item": (
            {
                "custcol_sf_line_id": "00kxx0000001",
                "item.id": "101",
                "quantity": Decimal(2),
                "price.id": "-1",
                "rate": Decimal("5000.00"),
                "amount": Decimal("10000.00"),
                "description": None,
            },
        )
    }
    sale = salesforce("Sale", OPPORTUNITY.id)
    assert [link.source for link in decision.reserves] == [OPPORTUNITY, sale]


def test_an_order_whose_customer_has_no_link_sends_the_customer_and_waits_for_it() -> None:
    decision = decided(opportunity(), facts())
    (command,) = decision.commands
    assert command.target == netsuite("customer", CUSTOMER_EID)
    assert command.document.fields["companyName"] == "Acme GmbH"
    assert command.document.fields["subsidiary.id"] == "1"
    assert command.document.fields["url"] == "https://acme.example"
    assert [link.source for link in decision.reserves] == [ACCOUNT]
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (
        Result.PARKED,
        "WAITS_FOR_CUSTOMER",
    )
    assert decision.outcome.waits_on == ACCOUNT


def test_an_order_whose_customer_is_on_its_way_only_waits() -> None:
    decision = decided(opportunity(), facts(customer_link(netsuite_id="")))
    assert decision.commands == ()
    assert decision.outcome is not None
    assert decision.outcome.waits_on == ACCOUNT


def test_an_order_whose_customer_was_refused_says_why_it_waits() -> None:
    refused = decided(opportunity(line(Quantity=Decimal(0))), facts(customer_link())).outcome
    link = replace(customer_link(netsuite_id=""), refusal=refused)
    decision = decided(opportunity(), facts(link))
    assert decision.outcome is not None
    assert (decision.outcome.code, decision.outcome.waits_on) == ("QUANTITY_ZERO", ACCOUNT)
    assert [command.target for command in decision.commands] == [OPPORTUNITY]


def test_a_customer_made_for_an_order_in_another_currency_may_trade_in_both() -> None:
    document = opportunity(account=account_fields(CurrencyIsoCode="USD"))
    (command,) = decided(document, facts()).commands
    assert command.document.fields["currency.id"] == "1"
    assert command.document.lines == {"currencyList": ({"currency.id": "4"},)}


def test_who_sold_it_for_when_and_from_which_company_is_said_where_it_is_filled() -> None:
    dated = line(ServiceDate=date(2027, 2, 1))
    root = opportunity(dated)
    start, end = date(2027, 1, 1), date(2027, 12, 31)
    own: Fields = {
        "NS_Subsidiary__c": "3",
        "Owner.NS_Employee_Id__c": "12",
        "NS_Start__c": start,
        "NS_End__c": end,
    }
    filled = Document({**root.fields, **own}, root.lines)
    (sent,) = decided(filled, facts(customer_link())).commands
    written: Fields = {
        "subsidiary.id": "3",
        "salesRep.id": "12",
        "startDate": start,
        "endDate": end,
    }
    assert written.items() <= dict(sent.document.fields).items()
    assert sent.document.lines["item"][0]["custcol_sf_service_date"] == date(2027, 2, 1)
    empty = Document({**root.fields, **dict.fromkeys(own)}, root.lines)
    (plain,) = decided(empty, facts(customer_link())).commands
    assert not written.keys() & plain.document.fields.keys()
    applied = {(sent.target, "endDate"): value_hash(date(2027, 12, 31))}
    known = facts(customer_link(), order_link(), applied=applied)
    (cleared,) = decided(empty, known).commands
    assert cleared.document.fields["endDate"] is None
    assert "startDate" not in cleared.document.fields


def test_the_rate_of_an_order_is_that_of_the_company_it_names() -> None:
    document = opportunity(NS_Subsidiary__c="3", account=account_fields(NS_Subsidiary__c="2"))
    assert subsidiary_of(document, facts(customer_link()), POLICY.maps) == "3"
    document = opportunity(NS_Subsidiary__c=None, account=account_fields(NS_Subsidiary__c="2"))
    assert subsidiary_of(document, facts(customer_link()), POLICY.maps) == "2"


def test_an_opportunity_that_is_not_won_is_not_sent() -> None:
    decision = decided(opportunity(IsWon=False, StageName="Negotiation"), facts(customer_link()))
    assert decision.commands == ()
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.FILTERED, "NOT_WON")


@pytest.mark.parametrize(("since", "is_sent"), [("2026-11-21", False), ("2026-11-20", True)])
def test_what_was_closed_before_the_adoption_makes_no_order(since: str, is_sent: bool) -> None:
    """The day of the adoption itself belongs to the stream."""
    adopted = Reference(
        kind="adoption", id="1", key="watermark", fields={"at": f"{since}T08:00:00+00:00"}
    )
    known = facts(customer_link())
    known = replace(known, references={**known.references, ("adoption", "watermark"): adopted})
    decision = decided(opportunity(), known)
    assert bool(decision.commands) is is_sent
    code = "CLOSED_BEFORE_ADOPTION"
    assert (decision.outcome is not None and decision.outcome.code == code) is not is_sent


def test_an_order_that_stands_is_followed_whenever_it_was_closed() -> None:
    adopted = Reference(
        kind="adoption", id="1", key="watermark", fields={"at": "2027-01-01T00:00:00+00:00"}
    )
    known = facts(customer_link(), order_link())
    known = replace(known, references={**known.references, ("adoption", "watermark"): adopted})
    assert decided(opportunity(Name="Renamed"), known).commands


def test_the_discount_of_a_line_lowers_its_rate() -> None:
    discounted = line(
        UnitPrice=Decimal(100), Discount=Decimal("12.5"), TotalPrice=Decimal("175.00")
    )
    decision = decided(opportunity(discounted, Amount=Decimal("175.00")), facts(customer_link()))
    (command,) = decision.commands
    assert command.document.lines["item"][0]["rate"] == Decimal("87.5")


def test_a_sealed_name_travels_sealed() -> None:
    name = Sealed("salesforce:Account:001", "Opportunity.Name", 1, b"x")
    (command,) = decided(opportunity(Name=name), facts(customer_link())).commands
    assert command.document.fields["memo"] is name


HELD = {
    "ACCOUNT_MISSING": opportunity(AccountId=None),
    "CURRENCY_MISSING": opportunity(CurrencyIsoCode=None),
    "CURRENCY_UNKNOWN": opportunity(CurrencyIsoCode="KWD"),
    "QUANTITY_ZERO": opportunity(line(Quantity=Decimal(0))),
    "LINE_TOTAL_MISMATCH": opportunity(line(UnitPrice=Decimal(4000))),
    "TOTAL_MISMATCH": opportunity(Amount=Decimal("9999.99")),
    "ITEM_UNMAPPED": opportunity(line(**{"Product2.NS_Item_Id__c": None})),
    "NO_LINES": replace(opportunity(), lines={"OpportunityLineItems": ()}),
    "MINOR_UNIT": opportunity(
        line(Quantity=Decimal(1), UnitPrice=Decimal("1234.567"), TotalPrice=Decimal("1234.567")),
        Amount=Decimal("1234.567"),
    ),
}


@pytest.mark.parametrize(("code", "document"), HELD.items(), ids=HELD.keys())
def test_a_faulty_order_is_held_and_nothing_is_written(code: str, document: Document) -> None:
    decision = decided(document, facts(customer_link()))
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.PARKED, code)
    assert [command.target for command in decision.commands] == [OPPORTUNITY]  # says so there
    shown = decision.commands[0].document.fields
    assert shown["NS_Sync_Status__c"] in {"Held", "Waiting"}
    assert str(shown["NS_Sync_Message__c"]).endswith(f"[{code}]")


def test_a_value_of_the_wrong_type_ends_as_dead_and_names_field_value_and_type() -> None:
    for document in (opportunity(Amount="ten"), opportunity(line(Quantity="two"))):
        outcome = decided(document, facts(customer_link())).outcome
        assert outcome is not None
        assert (outcome.result, outcome.code) == (Result.DEAD, "WRONG_TYPE")
        assert outcome.params["expected"] == "a number"
        assert outcome.params["value"] in {"ten", "two"}


def test_before_any_currency_was_read_an_order_waits_quietly() -> None:
    decision = decided(opportunity(), Facts())
    assert decision.outcome is not None
    assert decision.outcome.code == "WAITS_FOR_REFERENCES"
    assert decision.outcome.waits_on == netsuite("currency", "EUR")
    assert decision.commands == ()


def test_the_message_on_the_record_names_nobody() -> None:
    account = account_fields(Name=Sealed("salesforce:Account:001", "Account.Name", 1, b"x"))
    name = Sealed("salesforce:Account:001", "Opportunity.Name", 1, b"y")
    document = opportunity(line(Quantity=Decimal(0)), account=account, Name=name)
    (told,) = decided(document, facts(customer_link())).commands
    assert told.document.fields["NS_Sync_Message__c"] == (
        "Order for this account (this opportunity) is held: product 'Platform subscription' has"
        " quantity 0. Sales: enter a quantity above zero or remove the line; the order follows by"
        " itself. [QUANTITY_ZERO]"
    )


def test_a_line_whose_unit_price_salesforce_rounded_is_not_held() -> None:
    rounded = line(Quantity=Decimal(3), UnitPrice=Decimal("3.33"), TotalPrice=Decimal("10.00"))
    decision = decided(opportunity(rounded, Amount=Decimal("10.00")), facts(customer_link()))
    assert [command.target.kind for command in decision.commands] == ["salesOrder"]


def test_a_product_that_was_linked_since_the_reading_is_used() -> None:
    item = Link(source=PRODUCT, kind="item", external_id="", netsuite_id="105")
    document = opportunity(line(**{"Product2.NS_Item_Id__c": None}))
    (command,) = decided(document, facts(customer_link(), item)).commands
    assert command.document.lines["item"][0]["item.id"] == "105"


def test_a_missing_item_waits_on_its_product() -> None:
    document = opportunity(line(**{"Product2.NS_Item_Id__c": None}))
    decision = decided(document, facts(customer_link()))
    assert decision.outcome is not None
    assert decision.outcome.waits_on == PRODUCT
    assert PRODUCT in wanted(case(change(OPPORTUNITY, document)), POLICY).links


def test_an_order_that_stands_is_written_only_where_it_differs() -> None:
    first = decided(opportunity(), facts(customer_link(), order_link())).commands[0]
    applied = {(first.target, name): h for name, h in hashes(first.document).items()}
    known = facts(customer_link(), order_link(), applied=applied)
    (again,) = decided(opportunity(Name="Renewal 2028"), known, Version(2, 0)).commands
    assert again.document == Document({"memo": "Renewal 2028"})
    nothing = decided(opportunity(NextStep="call"), known, Version(3, 0))
    assert nothing.commands == ()
    assert nothing.outcome is not None
    assert nothing.outcome.result is Result.UNCHANGED


def test_the_approval_of_an_order_that_stands_is_never_reset() -> None:
    (command,) = decided(opportunity(), facts(customer_link(), order_link())).commands
    assert "orderStatus.id" not in command.document.fields


def test_deciding_again_on_the_same_event_gives_the_same_ids() -> None:
    first, second = (decided(opportunity(), facts()) for _ in range(2))
    assert first == second


def test_deciding_after_a_release_gives_new_ids() -> None:
    event = change(OPPORTUNITY, opportunity())
    first = decide(case(event), facts(), POLICY)
    second = decide(case(event, rounds=1), facts(), POLICY)
    assert first.commands[0].id != second.commands[0].id


def test_an_older_version_is_superseded() -> None:
    known = facts(customer_link(), latest={OPPORTUNITY: Version(5, 0)})
    decision = decided(opportunity(), known, Version(4, 9))
    assert decision.commands == ()
    assert decision.outcome is not None
    assert decision.outcome.result is Result.SUPERSEDED


def test_a_newer_version_ends_what_still_waits() -> None:
    waiting = case(change(OPPORTUNITY, opportunity(), version=Version(1, 0))).cause
    known = facts(customer_link(), parked={OPPORTUNITY: (waiting,)})
    decision = decided(opportunity(), known, Version(2, 0))
    (closed,) = decision.closes
    assert (closed.event_id, closed.result) == (waiting.event_id, Result.SUPERSEDED)


def test_our_own_echo_is_filtered_without_a_look_at_it() -> None:
    origin = "com/salesforce/api/rest/68.0;client=tallystick"
    event = change(OPPORTUNITY, None, origin=origin)
    decision = decide(case(event), facts(), POLICY)
    assert decision.outcome is not None
    assert decision.outcome.code == "OWN_ECHO"


def test_an_echo_that_changed_a_mapped_field_is_decided_on() -> None:
    """Automation in Salesforce runs in our transaction and under our name."""
    origin = "com/salesforce/api/rest/68.0;client=tallystick"
    event = change(OPPORTUNITY, opportunity(), origin=origin)
    decision = decide(case(event), facts(customer_link()), POLICY)
    assert [command.target.kind for command in decision.commands] == ["salesOrder"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(ChangeKind.DELETE, "DELETED_AT_SOURCE"), (ChangeKind.UPDATE, "UNMAPPED_FIELDS_ONLY")],
)
def test_a_change_without_a_reading_is_filtered(kind: ChangeKind, code: str) -> None:
    decision = decide(case(change(OPPORTUNITY, None, kind=kind)), facts(), POLICY)
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.FILTERED, code)


def test_a_document_that_could_not_travel_ends_as_dead_and_says_so() -> None:
    event = replace(change(OPPORTUNITY, None), content_hash=TOO_LARGE)
    decision = decide(case(event), facts(customer_link()), POLICY)
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.DEAD, "DOCUMENT_TOO_LARGE")
    assert decision.commands[0].document.fields["NS_Sync_Status__c"] == "Error"


def test_a_mismatch_is_said_in_money() -> None:
    outcome = decided(opportunity(Amount=Decimal("9999.99")), facts(customer_link())).outcome
    assert outcome is not None
    expected: Value = Money(Decimal("10000.00"), "EUR")
    assert outcome.params["expected"] == expected
