"""The SuiteCloud project that real accounts get and the stand-in agree on the custom fields."""

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.netsuite.catalog import DATA

PROJECT = Path(__file__).parents[3] / "deploy" / "netsuite" / "src"
OBJECTS = sorted((PROJECT / "Objects").glob("*.xml"))
KINDS = {
    "entitycustomfield": "custentity",
    "transactionbodycustomfield": "custbody",
    "transactioncolumncustomfield": "custcol",
}
LABEL_MAX = 200
SCRIPT_ID_MAX = 40


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_each_object_is_a_well_formed_text_field(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    scriptid = root.attrib["scriptid"]
    assert scriptid == path.stem
    assert re.fullmatch(rf"{KINDS[root.tag]}[a-z0-9_]+", scriptid)
    assert len(scriptid) <= SCRIPT_ID_MAX
    assert root.findtext("fieldtype") == "TEXT"
    assert 0 < len(root.findtext("label") or "") <= LABEL_MAX
    assert any(child.text == "T" and child.tag != "storevalue" for child in root)


def test_the_stand_in_has_exactly_the_fields_of_the_project() -> None:
    with (DATA / "custom_fields.csv").open(newline="", encoding="utf-8") as file:
        held = {row["scriptid"] for row in csv.DictReader(file)}
    assert held == {path.stem for path in OBJECTS}


def test_the_project_deploys_its_objects() -> None:
    manifest = ElementTree.parse(PROJECT / "manifest.xml").getroot()
    assert manifest.attrib["projecttype"] == "ACCOUNTCUSTOMIZATION"
    paths = [node.text for node in ElementTree.parse(PROJECT / "deploy.xml").iter("path")]
    assert paths == ["~/Objects/*"]
