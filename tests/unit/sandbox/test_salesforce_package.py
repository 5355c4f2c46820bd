"""The metadata package that a real org would deploy, and that the sandbox loads."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.salesforce.package import PackageError, read_package
from sandbox.salesforce.standard import org_schema

PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"
SOURCE = PACKAGE / "force-app" / "main" / "default"
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
FIELDS = sorted(SOURCE.glob("objects/*/fields/*.field-meta.xml"))
PERMISSION_SETS = sorted(SOURCE.glob("permissionsets/*.permissionset-meta.xml"))
EVERY_FILE = sorted(PACKAGE.glob("*/main/default/**/*-meta.xml"))
LENGTH_MAX = {"Text": 255, "LongTextArea": 131072}
SELECTED_MAX = 5
"""Objects of change data capture that an org without an add-on licence may select."""
TWO_MASTERS = 2


def name_of(path: Path) -> str:
    return path.name.split(".")[0]


def qualified(path: Path) -> str:
    """Object.Field of a field's file."""
    return f"{path.parts[-3]}.{name_of(path)}"


def parts(path: Path) -> dict[str, str]:
    root = ElementTree.parse(path).getroot()
    return {child.tag.removeprefix(NAMESPACE): (child.text or "").strip() for child in root}


def texts(path: Path, tag: str) -> list[str]:
    return [found.text or "" for found in ElementTree.parse(path).getroot().iter(NAMESPACE + tag)]


DEPLOYED = {qualified(path): parts(path) for path in FIELDS}
CALCULATED = {
    name for name, part in DEPLOYED.items() if "formula" in part or part["type"] == "Summary"
}
ALWAYS_OPEN = {
    name
    for name, part in DEPLOYED.items()
    if part.get("required") == "true" or part["type"] == "MasterDetail"
}
"""Required fields take no field permission; a deployment with one is refused."""


@pytest.mark.parametrize("path", FIELDS, ids=qualified)
def test_a_field_keeps_the_rules_of_the_metadata(path: Path) -> None:
    field = parts(path)
    kind, is_formula = field["type"], "formula" in field
    assert name_of(path) == field["fullName"]
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}__c", field["fullName"])
    assert "__" not in field["fullName"].removesuffix("__c")
    assert 0 < len(field["label"]) <= 40
    assert len(field["inlineHelpText"]) <= 510
    assert len(field["description"]) <= 1000
    assert len(field.get("formula", "")) <= 3900
    if kind in LENGTH_MAX and not is_formula:
        assert 0 < int(field["length"]) <= LENGTH_MAX[kind]
    if kind in ("Currency", "Number"):
        assert 0 <= int(field["scale"]) <= int(field["precision"]) <= 18
    if kind == "LongTextArea":
        assert int(field["length"]) >= 256
        assert int(field["visibleLines"]) >= 2
    if kind == "Checkbox":
        assert is_formula or field["defaultValue"] in ("true", "false")
    if field.get("unique") == "true":
        assert field["caseSensitive"] in ("true", "false")


@pytest.mark.parametrize(
    "path", [path for path in FIELDS if "referenceTo" in parts(path)], ids=qualified
)
def test_a_relationship_leads_somewhere_and_has_a_name_of_its_own(path: Path) -> None:
    field = parts(path)
    target = field["referenceTo"]
    schema = org_schema(read_package(PACKAGE), frozenset())
    assert schema.find(target) is not None
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", field["relationshipName"])
    assert len(field["relationshipLabel"]) <= 80
    names = [child.relationship for child in schema.of(target).children if child.relationship]
    assert len(names) == len(set(names))
    if field["type"] == "Lookup" and field["required"] == "true":
        assert field["deleteConstraint"] in ("Restrict", "Cascade")
    if field["type"] == "MasterDetail":
        owner = path.parts[-3]
        masters = [
            part
            for name, part in DEPLOYED.items()
            if name.startswith(f"{owner}.") and part["type"] == "MasterDetail"
        ]
        assert sorted(part["relationshipOrder"] for part in masters) == ["0", "1"][: len(masters)]
        assert len(masters) <= TWO_MASTERS


@pytest.mark.parametrize(
    "path", [path for path in FIELDS if parts(path)["type"] == "Summary"], ids=qualified
)
def test_a_roll_up_sums_a_field_of_a_detail(path: Path) -> None:
    field = parts(path)
    key = DEPLOYED[field["summaryForeignKey"]]
    assert (key["type"], key["referenceTo"]) == ("MasterDetail", path.parts[-3])
    if field["summaryOperation"] != "count":
        assert field["summarizedField"] in DEPLOYED
        assert field["summarizedField"].split(".")[0] == field["summaryForeignKey"].split(".")[0]


@pytest.mark.parametrize("path", sorted(SOURCE.glob("objects/*/*.object-meta.xml")), ids=name_of)
def test_a_custom_object_has_what_a_deployment_asks_for(path: Path) -> None:
    found = parts(path)
    owned = f"{name_of(path)}."
    details = [part for name, part in DEPLOYED.items() if name.startswith(owned)]
    is_detail = any(part["type"] == "MasterDetail" for part in details)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}__c", name_of(path))
    assert 0 < len(found["label"]) <= 40
    assert 0 < len(found["pluralLabel"]) <= 40
    assert len(found["description"]) <= 1000
    assert (found["sharingModel"] == "ControlledByParent") == is_detail
    assert found["enableBulkApi"] == found["enableSharing"] == found["enableStreamingApi"]
    assert found["deploymentStatus"] == "Deployed"
    assert texts(path, "displayFormat") or texts(path, "type") == ["Text"]
    layout = path.parent / "compactLayouts" / f"{found['compactLayoutAssignment']}.compactLayout"
    shown = texts(layout.with_name(f"{layout.name}-meta.xml"), "fields")
    assert all(name == "Name" or f"{owned}{name}" in DEPLOYED for name in shown)


@pytest.mark.parametrize(
    "path", sorted(SOURCE.glob("objects/*/validationRules/*-meta.xml")), ids=name_of
)
def test_a_validation_rule_says_what_to_do_and_names_a_field(path: Path) -> None:
    rule = parts(path)
    assert rule["fullName"] == name_of(path)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", rule["fullName"])
    assert 0 < len(rule["errorMessage"]) <= 255
    assert len(rule["description"]) <= 255
    assert rule["active"] == "true"
    if "errorDisplayField" in rule:
        assert f"{path.parts[-3]}.{rule['errorDisplayField']}" in DEPLOYED


def test_pages_and_lists_show_fields_that_exist() -> None:
    for path in SOURCE.glob("layouts/*.layout-meta.xml"):
        owner = path.name.split("-")[0]
        assert (SOURCE / "objects" / owner).is_dir()
        for field in texts(path, "field"):
            assert field == "Name" or f"{owner}.{field}" in DEPLOYED, path.name
        for related in texts(path, "relatedList"):
            assert DEPLOYED[related]["referenceTo"] == owner
    for path in SOURCE.glob("objects/*/listViews/*-meta.xml"):
        assert texts(path, "fullName") == [name_of(path)]
        for column in texts(path, "columns") + texts(path, "field"):
            assert not column.endswith("__c") or f"{path.parts[-3]}.{column}" in DEPLOYED
        assert 0 < len(texts(path, "label")[0]) <= 40
    for path in SOURCE.glob("tabs/*.tab-meta.xml"):
        assert (SOURCE / "objects" / name_of(path)).is_dir()
        assert re.fullmatch(r"Custom\d{1,3}: [A-Z][a-z ]+", texts(path, "motif")[0])


def test_tags_stand_as_tools_write_them() -> None:
    """The full name first, the rest in alphabetical order."""
    for path in EVERY_FILE:
        root = ElementTree.parse(path).getroot()
        tags = [child.tag.removeprefix(NAMESPACE) for child in root]
        assert tags == sorted(tags, key=lambda tag: (tag != "fullName", tag)), path.name


def granted(path: Path) -> dict[str, bool]:
    """Each field of a permission set, and whether it may be edited."""
    return {
        grant.findtext(f"{NAMESPACE}field") or "": grant.findtext(f"{NAMESPACE}editable") == "true"
        for grant in ElementTree.parse(path).getroot().iter(f"{NAMESPACE}fieldPermissions")
    }


def rights(path: Path) -> dict[str, dict[str, bool]]:
    found = {}
    for entry in ElementTree.parse(path).getroot().iter(f"{NAMESPACE}objectPermissions"):
        flags = {child.tag.removeprefix(NAMESPACE): child.text == "true" for child in entry}
        found[entry.findtext(f"{NAMESPACE}object") or ""] = flags
    return found


@pytest.mark.parametrize("path", PERMISSION_SETS, ids=name_of)
def test_a_permission_set_grants_every_field_that_takes_a_grant(path: Path) -> None:
    assert set(granted(path)) == set(DEPLOYED) - ALWAYS_OPEN
    assert not {name for name, may_edit in granted(path).items() if may_edit} & CALCULATED


@pytest.mark.parametrize("path", PERMISSION_SETS, ids=name_of)
def test_rights_on_objects_fit_together(path: Path) -> None:
    """To edit needs to read, to delete needs to edit; a detail needs its master."""
    found = rights(path)
    needs = {"Contact": "Account", "Opportunity": "Account", "Order": "Account"}
    needs |= {"Quote": "Opportunity"}
    for name, part in DEPLOYED.items():
        if part["type"] == "MasterDetail":
            needs[name.split(".")[0]] = part["referenceTo"]
    for name, flags in found.items():
        assert flags["allowRead"]
        assert flags["allowEdit"] or not (flags["allowDelete"] or flags["modifyAllRecords"])
        assert name not in needs or needs[name] in found
        master = found.get(needs.get(name, ""), flags)
        assert name not in needs or master["viewAllRecords"] or not flags["viewAllRecords"]
    assert {path.parent.name for path in SOURCE.glob("objects/*__c/*.object-meta.xml")} <= set(
        found
    )


def test_each_set_lets_its_people_do_their_part_and_no_more() -> None:
    editable = {
        name_of(path).removeprefix("Tallystick_"): {
            field for field, may_edit in granted(path).items() if may_edit
        }
        for path in PERMISSION_SETS
    }
    assert set(editable) == {"Admin", "Finance", "Integration", "Sales"}
    assert "Opportunity.NS_SO_Number__c" not in editable["Sales"] | editable["Finance"]
    assert "Opportunity.NS_PO_Number__c" in editable["Sales"]
    for name in ("Amount__c", "Approved_By__c"):
        assert f"NS_Refund_Request__c.{name}" not in editable["Integration"]
    assert "NS_Refund_Request__c.Approved_By__c" not in editable["Sales"]
    assert "NS_Refund_Request__c.Approved_By__c" in editable["Finance"]
    mirror = {"NS_Transaction__c", "NS_Transaction_Line__c", "NS_Application__c"}
    for people in ("Sales", "Finance"):
        assert not {name for name in editable[people] if name.split(".")[0] in mirror}
    assert editable["Integration"] < editable["Admin"]


def test_changes_of_what_is_read_are_captured_within_the_allowance_of_every_org() -> None:
    members = {name_of(path) for path in SOURCE.glob("platformEventChannelMembers/*")}
    assert len(members) <= SELECTED_MAX
    assert members == {
        f"ChangeEvents_{name}ChangeEvent"
        for name in ("Account", "Opportunity", "OpportunityLineItem", "Product2", "PricebookEntry")
    }
    more = {name_of(path) for path in (PACKAGE / "more-changes").glob("**/*-meta.xml")}
    assert not more & members
    assert "ChangeEvents_NS_Refund_Request__ChangeEvent" in more


def test_the_sandbox_loads_exactly_these_fields() -> None:
    package = read_package(PACKAGE)
    loaded = {f"{name}.{field.name}" for name, fields in package.fields.items() for field in fields}
    loaded |= {
        f"{made.name}.{field.name}"
        for made in package.objects
        for field in made.fields
        if field.custom
    }
    assert loaded == set(DEPLOYED)
    opportunity = {field.name: field for field in package.fields["Opportunity"]}
    assert opportunity["NS_SO_Id__c"].external_id
    assert opportunity["NS_SO_Id__c"].unique
    assert opportunity["NS_Sync_Status__c"].restricted
    assert not opportunity["NS_Billing_Status__c"].restricted
    assert opportunity["NS_Exchange_Rate__c"].scale == 8


def test_details_belong_to_their_master_and_a_request_to_a_person() -> None:
    schema = org_schema(read_package(PACKAGE), frozenset({"multi_currency"}))
    assert schema.of("NS_Refund_Request__c").has("OwnerId")
    assert schema.of("NS_Transaction__c").has("CurrencyIsoCode")
    assert not schema.of("NS_Application__c").has("OwnerId")
    total = schema.of("NS_Refund_Request__c").field("Line_Total__c")
    assert total is not None
    assert (total.type, total.precision, total.scale) == ("currency", 18, 2)
    assert not total.createable
    lines = schema.of("NS_Refund_Request__c").child("Lines__r")
    assert lines is not None
    assert (lines.child, lines.on_delete) == ("NS_Refund_Request_Line__c", "cascade")


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


@pytest.mark.parametrize("formula", ["Name +", "IF(", 'Name = "'])
def test_a_formula_that_is_none_is_named(tmp_path: Path, formula: str) -> None:
    directory = tmp_path / "force-app" / "main" / "default" / "objects" / "Account" / "fields"
    directory.mkdir(parents=True)
    path = directory / "X__c.field-meta.xml"
    path.write_text(
        f'<CustomField xmlns="{NAMESPACE[1:-1]}"><fullName>X__c</fullName><label>X</label>'
        f"<formula>{formula}</formula><type>Text</type></CustomField>"
    )
    with pytest.raises(PackageError, match=r"X__c\.field-meta\.xml: <formula>"):
        read_package(tmp_path)
