"""The SuiteCloud project that real accounts get follows the rules of its objects.

The stand-in and the project agree on the custom fields, the script and its deployment.
"""

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.netsuite.api.restlet import DEPLOYMENT, SCRIPT
from sandbox.netsuite.catalog import DATA

PROJECT = Path(__file__).parents[3] / "deploy" / "netsuite" / "src"
OBJECTS = sorted((PROJECT / "Objects").glob("*.xml"))
FIELD_PREFIXES = {
    "entitycustomfield": "custentity",
    "transactionbodycustomfield": "custbody",
    "transactioncolumncustomfield": "custcol",
}
PREFIXES = {**FIELD_PREFIXES, "role": "customrole", "restlet": "customscript"}
FIELDS = [path for path in OBJECTS if ElementTree.parse(path).getroot().tag in FIELD_PREFIXES]
REQUIRED = {
    "role": ("name", "centertype"),
    "restlet": ("name", "scriptfile"),
    **dict.fromkeys(FIELD_PREFIXES, ("label", "fieldtype")),
}
APPLIES = ("body", "col", "appliesto")
"""How the elements begin that say where a field stands."""
LABEL_MAX, SCRIPT_ID_MAX, DESCRIPTION_MAX = 200, 40, 999
PERMISSION = re.compile(r"(ADMI|LIST|REGT|REPO|TRAN)_[A-Z0-9_]+")
LEVELS = ("VIEW", "CREATE", "EDIT", "FULL")
LOG_LEVELS = ("DEBUG", "AUDIT", "ERROR", "EMERGENCY")
ORDER = ("configuration", "files", "objects", "translationimports")


def root_of(name: str) -> ElementTree.Element:
    return ElementTree.parse(PROJECT / "Objects" / f"{name}.xml").getroot()


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_each_object_is_named_after_its_kind_and_has_what_it_needs(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    scriptid = root.attrib["scriptid"]
    assert scriptid == path.stem
    assert re.fullmatch(rf"{PREFIXES[root.tag]}_[a-z0-9_]+", scriptid)
    assert len(scriptid) <= SCRIPT_ID_MAX
    for name in REQUIRED[root.tag]:
        assert 0 < len(root.findtext(name) or "") <= LABEL_MAX
    assert len(root.findtext("description") or "") <= DESCRIPTION_MAX
    names = [child.tag for child in root]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: path.stem)
def test_each_field_is_text_that_nobody_types_over(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert (root.findtext("fieldtype"), root.findtext("displaytype")) == ("TEXT", "LOCKED")
    assert any(child.text == "T" and child.tag.startswith(APPLIES) for child in root)
    assert {child.text for child in root if child.tag.startswith(APPLIES)} <= {"T", "F"}


def test_the_stand_in_has_exactly_the_fields_of_the_project() -> None:
    with (DATA / "custom_fields.csv").open(newline="", encoding="utf-8") as file:
        held = {row["scriptid"] for row in csv.DictReader(file)}
    assert held == {path.stem for path in FIELDS}


def test_the_role_asks_for_each_permission_once_and_for_no_administration() -> None:
    root = root_of("customrole_tallystick_integration")
    asked = [
        (one.findtext("permkey"), one.findtext("permlevel")) for one in root.iter("permission")
    ]
    keys = [key for key, _ in asked]
    assert len(set(keys)) == len(keys)
    for key, level in asked:
        assert key is not None
        assert PERMISSION.fullmatch(key)
        assert level in LEVELS
    administration = {key for key in keys if key and key.startswith("ADMI_")}
    assert administration == {"ADMI_RESTWEBSERVICES", "ADMI_LOGIN_OAUTH", "ADMI_LOGIN_OAUTH2"}
    assert (root.findtext("iswebserviceonlyrole"), root.findtext("coreadminpermission")) == (
        "T",
        "F",
    )


def test_the_script_is_in_the_project_and_deployed_to_the_role() -> None:
    root = root_of(SCRIPT)
    place = (root.findtext("scriptfile") or "").strip("[]")
    assert (PROJECT / "FileCabinet" / place.lstrip("/")).is_file()
    (deployment,) = root.iter("scriptdeployment")
    assert deployment.attrib["scriptid"] == DEPLOYMENT
    assert deployment.findtext("status") == "RELEASED"
    assert deployment.findtext("loglevel") in LOG_LEVELS
    role = re.fullmatch(r"\[scriptid=(\w+)\]", deployment.findtext("audslctrole") or "")
    assert role is not None
    assert (PROJECT / "Objects" / f"{role[1]}.xml").is_file()
    assert deployment.findtext("allroles") == "F"


def test_the_project_deploys_its_files_before_its_objects() -> None:
    manifest = ElementTree.parse(PROJECT / "manifest.xml").getroot()
    assert manifest.attrib["projecttype"] == "ACCOUNTCUSTOMIZATION"
    features = {feature.text for feature in manifest.iter("feature")}
    assert {"RESTWEBSERVICES", "SERVERSIDESCRIPTING"} <= features
    deploy = ElementTree.parse(PROJECT / "deploy.xml").getroot()
    sections = [section.tag for section in deploy]
    assert sections == sorted(sections, key=ORDER.index)
    for path in (node.text for node in deploy.iter("path")):
        assert path is not None
        assert path.startswith("~/")
        assert list(PROJECT.glob(path.removeprefix("~/")))
