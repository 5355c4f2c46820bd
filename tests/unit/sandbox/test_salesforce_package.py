"""The metadata package that a real org would deploy, and that the sandbox loads."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.salesforce.package import PackageError, read_package

PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"
SOURCE = PACKAGE / "force-app" / "main" / "default"
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
FIELDS = sorted(SOURCE.glob("objects/*/fields/*.field-meta.xml"))
PERMISSION_SETS = sorted(SOURCE.glob("permissionsets/*.permissionset-meta.xml"))
LENGTH_MAX = {"Text": 255, "LongTextArea": 131072}


def parts(path: Path) -> dict[str, str]:
    root = ElementTree.parse(path).getroot()
    return {child.tag.removeprefix(NAMESPACE): (child.text or "").strip() for child in root}


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_a_field_keeps_the_rules_of_the_metadata(path: Path) -> None:
    field = parts(path)
    assert path.name == f"{field['fullName']}.field-meta.xml"
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}__c", field["fullName"])
    assert "__" not in field["fullName"].removesuffix("__c")
    assert 0 < len(field["label"]) <= 40
    assert len(field["inlineHelpText"]) <= 510
    assert len(field["description"]) <= 1000
    if field["type"] in LENGTH_MAX:
        assert 0 < int(field["length"]) <= LENGTH_MAX[field["type"]]
    if field["type"] in ("Currency", "Number"):
        assert 0 <= int(field["scale"]) <= int(field["precision"]) <= 18
    if field["type"] == "LongTextArea":
        assert int(field["length"]) >= 256
        assert int(field["visibleLines"]) >= 2
    if field["type"] == "Checkbox":
        assert field["defaultValue"] in ("true", "false")


def test_tags_stand_as_tools_write_them() -> None:
    """The full name first, the rest in alphabetical order."""
    for path in (*FIELDS, *PERMISSION_SETS):
        root = ElementTree.parse(path).getroot()
        tags = [child.tag.removeprefix(NAMESPACE) for child in root]
        assert tags == sorted(tags, key=lambda tag: (tag != "fullName", tag)), path.name


def granted(path: Path) -> Iterator[tuple[str, bool]]:
    for grant in ElementTree.parse(path).getroot().iter(f"{NAMESPACE}fieldPermissions"):
        field = grant.findtext(f"{NAMESPACE}field") or ""
        yield field, grant.findtext(f"{NAMESPACE}editable") == "true"


@pytest.mark.parametrize("path", PERMISSION_SETS, ids=lambda path: path.name.split(".")[0])
def test_a_permission_set_grants_every_field_that_exists_and_no_other(path: Path) -> None:
    known = {f"{field.parts[-3]}.{field.name.split('.')[0]}" for field in FIELDS}
    assert {field for field, _ in granted(path)} == known


def test_the_integration_user_may_write_all_and_sales_only_a_few() -> None:
    editable = {
        path.name.split(".")[0]: {field for field, may_edit in granted(path) if may_edit}
        for path in PERMISSION_SETS
    }
    assert len(editable["Tallystick_Integration"]) == len(FIELDS)
    assert "Opportunity.NS_SO_Number__c" not in editable["Tallystick_Sales"]
    assert "Opportunity.NS_PO_Number__c" in editable["Tallystick_Sales"]


def test_changes_of_what_is_read_are_captured() -> None:
    members = {path.name.split(".")[0] for path in SOURCE.glob("platformEventChannelMembers/*")}
    assert members == {
        f"ChangeEvents_{name}ChangeEvent"
        for name in ("Account", "Opportunity", "OpportunityLineItem", "Product2", "PricebookEntry")
    }


def test_the_sandbox_loads_exactly_these_fields() -> None:
    package = read_package(PACKAGE)
    loaded = {f"{name}.{field.name}" for name, fields in package.fields.items() for field in fields}
    assert loaded == {f"{path.parts[-3]}.{path.name.split('.')[0]}" for path in FIELDS}
    opportunity = {field.name: field for field in package.fields["Opportunity"]}
    assert opportunity["NS_SO_Id__c"].external_id
    assert opportunity["NS_SO_Id__c"].unique
    assert not package.fields["Product2"][0].unique
    assert opportunity["NS_Sync_Status__c"].restricted
    assert not opportunity["NS_Billing_Status__c"].restricted
    assert opportunity["NS_Exchange_Rate__c"].scale == 8


def test_a_field_file_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    directory = tmp_path / "force-app" / "main" / "default" / "objects" / "Account" / "fields"
    directory.mkdir(parents=True)
    path = directory / "X__c.field-meta.xml"
    path.write_text(
        f'<CustomField xmlns="{NAMESPACE[1:-1]}"><fullName>X__c</fullName><label>X</label>'
        "<type>Hologram</type></CustomField>"
    )
    with pytest.raises(PackageError, match=r"X__c\.field-meta\.xml: type Hologram is not known"):
        read_package(tmp_path)
