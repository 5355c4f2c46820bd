"""The filters of a map: their conditions, an overlay's changes to them, and their faults."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.maps.faults import MapsError
from kernel.maps.filters import Every, Is, Not, OneOf, Some, State, compiled, words
from kernel.values import Fields, Sealed
from runtime.maps import load_maps
from tests.builders import shipped_maps
from tests.tidy.rooms import REPOSITORY

SEALED = Sealed("salesforce:Account:1", "Name", 1, b"x")


def filters_with(directory: Path, text: str, name: str = "account-to-customer") -> list[str]:
    """`name: condition in words` of a map's filters under an overlay."""
    (directory / "overlay.yaml").write_text(text)
    found = load_maps(directory).named(name).filters
    return [f"{item.name}: {words(item.when)}" for item in found]


@pytest.mark.parametrize(
    ("condition", "applies_to", "not_to"),
    [
        (OneOf("Type", ("Test", "Demo")), {"Type": "Demo"}, {"Type": "Customer"}),
        (OneOf("Type", ("Test",)), {"Type": "Test"}, {}),
        (OneOf("Score", (1,)), {"Score": Decimal("1.0")}, {"Score": True}),
        (OneOf("Day", ("2026-01-31",)), {"Day": date(2026, 1, 31)}, {"Day": date(2026, 2, 1)}),
        (Is("Site", State.EMPTY), {"Site": ""}, {"Site": "Berlin"}),
        (Is("Site", State.EMPTY), {}, {"Site": SEALED}),
        (Is("Site", State.FILLED), {"Site": SEALED}, {"Site": None}),
        (Is("IsTest__c", State.YES), {"IsTest__c": True}, {"IsTest__c": None}),
        (Is("IsTest__c", State.NO), {"IsTest__c": False}, {}),
        (Not(Is("A", State.YES)), {"A": False}, {"A": True}),
        (
            Every((Is("A", State.YES), Is("B", State.YES))),
            {"A": True, "B": True},
            {"A": True, "B": False},
        ),
        (Some((Is("A", State.YES), Is("B", State.YES))), {"B": True}, {"A": False}),
    ],
)
def test_a_condition_holds_for_what_it_says_and_for_nothing_else(
    condition: OneOf, applies_to: Fields, not_to: Fields
) -> None:
    applies = compiled(condition)
    assert applies(applies_to, "")
    assert not applies(not_to, "")
    assert applies({f"Account.{name}": value for name, value in applies_to.items()}, "Account.")


def test_the_shipped_map_keeps_test_accounts_in_salesforce() -> None:
    (shipped,) = shipped_maps().named("account-to-customer").filters
    assert (shipped.name, words(shipped.when)) == ("test-account", "Type is Test or Demo")


def test_an_overlay_changes_adds_and_removes_single_filters(tmp_path: Path) -> None:
    added = """
map: account-to-customer
needed:
  - {read: IsTest__c, purpose: marks accounts that nobody buys from}
filters:
  - name: marked-as-test
    purpose: nobody buys from it
    when:
      all:
        - {field: IsTest__c, is: yes}
        - not: {any: [{field: Website, is: filled}, {field: Type, equals: Partner}]}
"""
    assert filters_with(tmp_path, added) == [
        "test-account: Type is Test or Demo",
        "marked-as-test: IsTest__c is yes and not (Website is filled or Type is Partner)",
    ]
    changed = """
map: account-to-customer
filters:
  - {name: test-account, purpose: ours, when: {field: Type, equals: Trial}}
"""
    assert filters_with(tmp_path, changed) == ["test-account: Type is Trial"]
    removed = "map: account-to-customer\nfilters:\n  - {name: test-account, remove: yes}\n"
    assert filters_with(tmp_path, removed) == []


def test_a_changed_filter_is_another_map_and_the_same_tables_are_the_same_one(
    tmp_path: Path,
) -> None:
    filters_with(tmp_path, "map: account-to-customer\nfilters: [{name: test-account, remove: yes}]")
    assert load_maps(tmp_path).hash != shipped_maps().hash
    assert load_maps().hash == shipped_maps().hash


def test_every_fault_of_a_filter_is_named_with_its_place_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(MapsError) as caught:
        filters_with(
            tmp_path,
            """
map: account-to-customer
filters:
  - {name: a, purpose: x}
  - {name: b, when: {field: Type, is: big}}
  - {name: c, purpose: x, when: {field: Colour__c, equals: red}}
  - {name: d, purpose: x, when: {field: Name, equals: Acme}}
  - {name: e, purpose: x, when: {field: Type, equals: A, in: [B]}}
  - {name: f, purpose: x, when: {any: [], all: []}}
  - {name: g, purpose: x, when: {any: []}}
  - {name: h, purpose: x, when: {field: Type, in: []}}
  - {name: i, purpose: x, when: {field: Type, equals: [A]}}
  - {name: j, purpose: x, when: {field: Type, like: "A%"}}
  - {name: k, purpose: x, when: {field: Type, equals: A}}
  - {name: k, purpose: y, when: {field: Type, equals: B}}
  - {name: nothing, remove: yes}
""",
        )
    faults = "\n".join(caught.value.faults)
    assert "overlay.yaml:4: 'when' is missing: add a condition" in faults
    assert "overlay.yaml:5: 'purpose' is missing: add it" in faults
    assert "overlay.yaml:5: 'is' is 'big': use empty, filled, yes or no" in faults
    assert "overlay.yaml:6: filter 'c' looks at Colour__c, which no row reads: add it" in faults
    assert "overlay.yaml:7: filter 'd' compares Name, which is personal and sealed" in faults
    assert "overlay.yaml:8: say one thing of 'Type': 'equals', 'in' or 'is'" in faults
    assert "overlay.yaml:9: a condition has either 'field', or one of" in faults
    assert "overlay.yaml:10: 'any' has no conditions: add some" in faults
    assert "overlay.yaml:11: 'in' has no values: add some" in faults
    assert "overlay.yaml:12: a text, a whole number, yes or no is due here" in faults
    assert "overlay.yaml:13: 'like' is unknown" in faults
    assert "overlay.yaml:15: name: k stands in line 14 already; take one out" in faults
    assert "overlay.yaml:16: there is no row with name: nothing to remove" in faults


def test_the_tables_of_the_guide_are_in_order(tmp_path: Path) -> None:
    guide = (REPOSITORY / "docs" / "guides" / "change-the-map.md").read_text()
    tables = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert len(tables) == 3
    for number, text in enumerate(tables):
        (tmp_path / f"{number}.yaml").write_text(text)
    (rule,) = load_maps(tmp_path).named("account-to-customer").filters
    assert words(rule.when) == (
        "RecordType.DeveloperName is Academy or Sandbox and not Website is filled"
    )


def test_a_file_that_cannot_be_read_is_a_fault_of_the_map_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("map: [")
    (tmp_path / "b.yaml").write_text("x: 0.5")
    with pytest.raises(MapsError) as caught:
        load_maps(tmp_path)
    assert len(caught.value.faults) == 2


def test_retention_comes_from_the_row_else_from_the_map_else_is_that_of_the_record(
    tmp_path: Path,
) -> None:
    (tmp_path / "overlay.yaml").write_text(
        """
map: account-to-customer
retention: financial
rules:
  - {read: Industry, write: category.id, owner: salesforce, personal: no, purpose: x,
     retention: record}
  - {read: Site, write: site, owner: salesforce, personal: no, purpose: x}
"""
    )
    rules = {rule.write: rule for rule in load_maps(tmp_path).named("account-to-customer").rules}
    assert (rules["category.id"].retention, rules["site"].retention) == ("record", "financial")
    shipped = {rule.write: rule for rule in shipped_maps().named("account-to-customer").rules}
    assert shipped["companyName"].retention == "record"
