"""Reviews on the terminal: both records side by side, the evidence, and what can be said."""

from base64 import b64encode
from typing import Any, cast

from kernel.values import Sealed
from ops.render.reviews import decided_lines, is_settled, list_lines, show_lines
from ops.render.shapes import Review

WIDTH = 100
NAME = Sealed("netsuite:customer:4711", "customer.companyName", 1, b"secret")
SEALED_NAME = {
    "sealed": {
        "subject": NAME.subject,
        "path": NAME.path,
        "key_version": 1,
        "ciphertext": b64encode(NAME.ciphertext).decode(),
    }
}


def review(**changed: object) -> Review:
    plain: dict[str, Any] = {
        "id": "0a1b2c3d-0000-5000-8000-000000000000",
        "account": "salesforce:Account:001xx000003DGb1AAG",
        "candidate": "netsuite:customer:4711",
        "about": "duplicate",
        "score": "0.95",
        "evidence": [
            {"field": "name", "finding": "agrees", "sentence": "the names agree"},
            {"field": "tax number", "finding": "contradicts", "sentence": "the numbers differ"},
        ],
        "action": "",
        "actor": "",
        "reason": "",
        "operation_id": "",
        "holder": None,
        "waiting": 2,
        "opened_at": "2026-11-24T09:00:00.000+00:00",
        "decided_at": None,
        "account_fields": {"Id": "001xx000003DGb1AAG", "Name": "ABC Corp", "BillingCountry": "US"},
        "candidate_fields": {"entityId": "CUST-51", "companyName": SEALED_NAME},
    }
    return cast(Review, {**plain, **changed})


def page(lines: list[str]) -> str:
    return "\n".join(lines)


def test_both_records_stand_side_by_side_with_what_speaks_for_either_answer() -> None:
    text = page(show_lines(review(), {NAME: "ABC Corporation"}, WIDTH))
    [names] = [line for line in text.splitlines() if line.startswith("Name")]
    assert names.split() == ["Name", "ABC", "Corp", "ABC", "Corporation"]
    assert "= the names agree" in text
    assert "✗ the numbers differ" in text
    assert "2 changes waiting" in text
    for action in ("link", "create", "reject", "ask-merge"):
        assert f"tallystick reviews {action} 0a1b2c3d" in text


def test_what_the_reader_may_not_see_stays_sealed() -> None:
    text = page(show_lines(review(), {}, WIDTH))
    assert "[sealed]" in text
    assert "ABC Corporation" not in text


def test_a_settled_review_says_who_settled_it_and_offers_nothing() -> None:
    done = review(action="link", actor="Ada", reason="saw the contract")
    text = page(show_lines(done, {}, WIDTH))
    assert is_settled(done)
    assert "Ada said link: saw the contract" in text
    assert "tallystick reviews create" not in text


def test_who_asked_for_a_merge_has_settled_nothing() -> None:
    asked = review(action="merge", actor="Ada")
    text = page(show_lines(asked, {}, WIDTH))
    assert not is_settled(asked)
    assert "Ada said merge" in text
    assert "tallystick reviews link" in text


def test_the_customer_of_another_account_is_said_to_be_taken() -> None:
    taken = review(holder="salesforce:Account:001xx000003DGb2AAG")
    assert "by Account 001…AAG" in page(show_lines(taken, {}, WIDTH))


def test_two_accounts_are_shown_by_the_same_fields() -> None:
    other = {"Id": "001xx000003DGb2AAG", "Name": "ABC Inc"}
    both = review(candidate="salesforce:Account:001xx000003DGb2AAG", candidate_fields=other)
    text = page(show_lines(both, {}, WIDTH))
    assert "ABC Inc" in text
    assert "NetSuite customer" not in text


def test_the_list_counts_what_is_to_be_decided() -> None:
    assert list_lines([], 0, {}, WIDTH) == ["Nothing waits for a decision."]
    text = page(list_lines([review()], 3, {NAME: "ABC Corporation"}, WIDTH))
    assert text.startswith("3 reviews to decide")
    assert "0a1b2c3d" in text
    assert "ABC Corp ↔ ABC Corporation (CUST-51)" in text
    assert "the first 1 are shown" in text


def test_what_came_of_a_decision_is_told_in_a_sentence() -> None:
    assert "still waiting" not in page(decided_lines(review(waiting=0), "link", WIDTH))
    assert "1 change still waiting." in page(decided_lines(review(waiting=1), "create", WIDTH))


def test_two_customers_of_merged_accounts_stand_side_by_side_with_their_own_answers() -> None:
    fields = {"entityId": "CUST-50", "companyName": "ABC Corp"}
    asked = review(about="merge", account_fields=fields)
    text = page(show_lines(asked, {NAME: "ABC Corporation"}, WIDTH))
    [numbers] = [line for line in text.splitlines() if line.startswith("Number")]
    assert numbers.split() == ["Number", "CUST-50", "CUST-51"]
    assert "2 changes waiting for an answer" in text
    assert "tallystick reviews keep 0a1b2c3d" in text
    assert "tallystick reviews link" not in text
    assert "Finance" in page(decided_lines(asked, "merge", WIDTH))
