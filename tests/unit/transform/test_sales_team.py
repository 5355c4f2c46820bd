"""Revenue splits become the sales team of an order, where an overlay switches them on."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.messages import Result
from kernel.values import Document, Fields, Value
from runtime.maps import load_maps
from tests.builders import OPPORTUNITY, POLICY, case, change, customer_link, facts, opportunity
from transform.domain.decisions import Decision
from transform.pipeline import decide

OVERLAY = Path(__file__).parents[3] / "deploy" / "overlays" / "sales-teams"
TEAMS = replace(POLICY, maps=load_maps(OVERLAY))


def split(employee: str | None, share: str, kind: str = "Revenue") -> Fields:
    fields: dict[str, Value] = {
        "SplitOwner.NS_Employee_Id__c": employee,
        "SplitOwner.Name": "Ada Lovelace",
        "SplitPercentage": Decimal(share),
        "SplitType.DeveloperName": kind,
    }
    return fields


def decided(*splits: Fields) -> Decision:
    deal = opportunity()
    shared = Document(deal.fields, {**deal.lines, "OpportunitySplits": splits})
    return decide(case(change(OPPORTUNITY, shared)), facts(customer_link()), TEAMS)


def test_the_largest_share_is_the_primary_of_the_team() -> None:
    overlay = split("14", "50", "Overlay")
    (sent,) = decided(split("12", "30"), overlay, split("13", "70")).commands
    assert sent.document.lines["salesTeam"] == (
        {"employee.id": "13", "contribution": Decimal(70), "isPrimary": True},
        {"employee.id": "12", "contribution": Decimal(30), "isPrimary": False},
    )
    assert "salesRep.id" not in sent.document.fields


@pytest.mark.parametrize("shares", [("60", "30"), ("60", "50"), ("99.99",)])
def test_splits_that_do_not_add_up_hold_the_order_and_name_their_sum(
    shares: tuple[str, ...],
) -> None:
    decision = decided(*(split("12", share) for share in shares))
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.PARKED, "SPLITS_WRONG")
    assert decision.outcome.params["value"] == sum(map(Decimal, shares))


def test_who_is_no_employee_holds_the_order() -> None:
    outcome = decided(split("12", "50"), split(None, "50")).outcome
    assert outcome is not None
    assert (outcome.code, outcome.params["seller"]) == ("SELLER_UNMAPPED", "Ada Lovelace")


def test_a_deal_that_nobody_shares_is_sent_without_a_team() -> None:
    (sent,) = decided().commands
    assert sent.document.lines.keys() == {"item"}
