"""Which values are sealed, and about whom."""

from ingest.domain.personal import personal_values, with_sealed
from kernel.records import salesforce
from kernel.values import Document, Fields, Sealed
from tests.unit.ingest.samples import ACCOUNT, OPPORTUNITY_REF, readings

ABOUT_ACCOUNT = f"salesforce:Account:{ACCOUNT}"


def opportunity(**other: str | None) -> Document:
    fields = {
        "Name": "Renewal",
        "AccountId": ACCOUNT,
        "Account.Id": ACCOUNT,
        "Account.Name": "Acme",
        "Account.Phone": None,
        "StageName": "Closed Won",
        **other,
    }
    first: Fields = {"Description": None, "Quantity": 1}
    second: Fields = {"Description": "for Ada", "Quantity": 2}
    return Document(fields, {"OpportunityLineItems": (first, second)})


def test_a_value_is_sealed_for_its_subject_under_the_field_of_its_own_kind() -> None:
    found = personal_values(opportunity(), readings()["Opportunity"], OPPORTUNITY_REF)
    assert [(item.subject, item.path, item.value) for item in found] == [
        (ABOUT_ACCOUNT, "Opportunity.Name", "Renewal"),
        (ABOUT_ACCOUNT, "Account.Name", "Acme"),
        (ABOUT_ACCOUNT, "OpportunityLineItems.Description", "for Ada"),
    ]


def test_an_account_seals_alike_in_its_own_document_and_inside_another() -> None:
    ref = salesforce("Account", ACCOUNT)
    own = personal_values(Document({"Id": ACCOUNT, "Name": "Acme"}), readings()["Account"], ref)
    inside = personal_values(opportunity(), readings()["Opportunity"], OPPORTUNITY_REF)
    assert (own[0].subject, own[0].path) in [(item.subject, item.path) for item in inside]


def test_a_document_without_its_subject_is_about_itself() -> None:
    alone = opportunity(AccountId=None, **{"Account.Id": None, "Account.Name": None})
    found = personal_values(alone, readings()["Opportunity"], OPPORTUNITY_REF)
    assert {item.subject for item in found} == {str(OPPORTUNITY_REF)}


def test_sealed_values_take_their_places_and_nothing_else_moves() -> None:
    document, reading = opportunity(), readings()["Opportunity"]
    personal = personal_values(document, reading, OPPORTUNITY_REF)
    sealed = [Sealed(item.subject, item.path, 1, item.path.encode()) for item in personal]
    found = with_sealed(document, personal, sealed)
    assert found.fields["Name"] == sealed[0]
    assert found.fields["Account.Name"] == sealed[1]
    assert found.fields["StageName"] == "Closed Won"
    assert found.fields["Account.Phone"] is None
    assert found.lines["OpportunityLineItems"][1]["Description"] == sealed[2]
    assert found.lines["OpportunityLineItems"][0] == {"Description": None, "Quantity": 1}
