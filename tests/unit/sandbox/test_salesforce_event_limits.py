"""What becomes of changes that are many, equal, large, or of objects that nobody captures."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastavro import schemaless_reader
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.events import capture
from sandbox.salesforce.events.avro_schema import EventSchema, event_schema
from sandbox.salesforce.events.capture import Commit, Event, events_of
from sandbox.salesforce.events.text_difference import difference
from sandbox.salesforce.package import read_package
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.standard import org_schema
from sandbox.salesforce.work import Change

PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"
SCHEMA = org_schema(read_package(PACKAGE), frozenset({"multi_currency"}))
ACCOUNT = SCHEMA.of("Account")
COMMIT = Commit(origin="com/salesforce/api/rest/68.0", user="005", key="k", at_s=10, number=1)


class Schemas:
    """Event schemas without an org around them."""

    def __init__(self) -> None:
        self._made: dict[str, EventSchema] = {}

    def of(self, sobject: SObject) -> EventSchema:
        return self._made.setdefault(sobject.name, event_schema(sobject))


SCHEMAS = Schemas()


def row(sobject: SObject, identifier: str, **values: Any) -> dict[str, Any]:
    empty = {entry.name: 0 if entry.type == "boolean" else None for entry in sobject.stored}
    return {**empty, "Id": identifier, **values}


def created(identifier: str, sobject: SObject = ACCOUNT, **values: Any) -> Change:
    after = row(sobject, identifier, **values)
    return Change(sobject=sobject, id=identifier, before=None, after=after)


def updated(identifier: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    return Change(
        sobject=ACCOUNT,
        id=identifier,
        before=row(ACCOUNT, identifier, **before),
        after=row(ACCOUNT, identifier, **after),
    )


def published(*changes: Change) -> list[Event]:
    return events_of(list(changes), COMMIT, SCHEMAS)


def kinds(events: list[Event]) -> list[Any]:
    return [(event.entity, event.header["changeType"]) for event in events]


def body(event: Event) -> dict[str, Any]:
    found = schemaless_reader(
        io.BytesIO(event.payload), SCHEMAS.of(SCHEMA.of(event.entity)).parsed, None
    )
    assert isinstance(found, dict)
    return found


def test_equal_changes_are_one_event_that_names_every_record() -> None:
    changes = [updated(f"001{at}", {"Name": "a"}, {"Name": "b"}) for at in range(20)]
    other = updated("001x", {"Name": "a"}, {"Name": "c"})
    merged, single = published(*changes, other)
    assert merged.header["recordIds"] == [f"001{at}" for at in range(20)]
    assert (merged.header["sequenceNumber"], single.header["sequenceNumber"]) == (1, 2)
    assert "*" not in "".join(merged.header["recordIds"])


def test_two_fields_that_turn_empty_are_not_the_same_change() -> None:
    one = updated("001a", {"Phone": "1", "Fax": "1"}, {"Phone": None, "Fax": "1"})
    two = updated("001b", {"Phone": "1", "Fax": "1"}, {"Phone": "1", "Fax": None})
    assert len(published(one, two)) == 2


def test_an_object_that_is_not_captured_leaves_a_gap_in_the_sequence() -> None:
    user = SCHEMA.of("User")
    assert not user.capture
    first, last = published(created("001a"), created("005a", user), created("001b", Name="b"))
    assert (first.header["sequenceNumber"], last.header["sequenceNumber"]) == (1, 3)


def test_past_the_limit_of_a_transaction_each_object_overflows_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(capture, "CHANGES_MAX", 5)
    contact = SCHEMA.of("Contact")
    events = published(
        updated("001a", {}, {"Name": "x", "Phone": "1", "Fax": "2"}),  # three changed fields
        created("001b", Name="fourth"),
        created("003a", contact, LastName="fifth"),
        created("003b", contact, LastName="sixth"),
        created("001c", Name="seventh"),
        created("003c", contact, LastName="eighth"),
    )
    assert kinds(events) == [
        ("Account", "UPDATE"),
        ("Account", "CREATE"),
        ("Contact", "CREATE"),
        ("Contact", "GAP_OVERFLOW"),
        ("Account", "GAP_OVERFLOW"),
    ]
    overflow = body(events[-1])
    assert overflow["ChangeEventHeader"]["recordIds"] == []
    assert overflow["ChangeEventHeader"]["transactionKey"] == "k"
    assert overflow["Name"] is None


def test_an_event_that_is_too_large_becomes_a_gap() -> None:
    """Nine texts as long as a long text area can be."""
    text = ACCOUNT.field("Description")
    assert text is not None
    texts = tuple(replace(text, name=f"Text{at}__c", length=131_072) for at in range(9))
    wide = replace(SCHEMA.of("Contract"), name="Wide", fields=texts, _stored=texts)
    values = {entry.name: "x" * 131_072 for entry in texts}
    (event,) = events_of([created("0Wa", wide, **values)], COMMIT, Schemas())
    assert event.header["changeType"] == "GAP_CREATE"
    assert event.header["recordIds"] == ["0Wa"]
    assert len(event.payload) < 1000
    fewer = values | {"Text0__c": None, "Text1__c": None}
    (event,) = events_of([created("0Wa", wide, **fewer)], COMMIT, Schemas())
    assert event.header["changeType"] == "CREATE"


LINES = [f"Line {number} of a long description of an account." for number in range(30)]
LONG = "\n".join(LINES)


def test_a_small_change_of_a_large_text_is_sent_as_a_difference() -> None:
    new = LONG.replace("Line 7 of", "Row 7 of")
    (event,) = published(updated("001a", {"Description": LONG}, {"Description": new}))
    sent = body(event)
    digest = hashlib.sha256(new.encode()).hexdigest()
    assert sent["Description"] == (
        f"--- \n+++ {digest}\n@@ -8,1 +8,1 @@\n-{LINES[7]}\n+{LINES[7].replace('Line', 'Row')}"
    )
    header = sent["ChangeEventHeader"]
    assert header["diffFields"] == header["changedFields"] != []
    assert header["nulledFields"] == []


@pytest.mark.parametrize(
    "new",
    [
        LONG[:900],  # too short
        "\n".join(reversed(LINES)),  # too many lines changed
        LONG + "\n" + "x" * 3 * len(LONG),  # too much longer
    ],
)
def test_otherwise_the_whole_text_is_sent(new: str) -> None:
    (event,) = published(updated("001a", {"Description": LONG}, {"Description": new}))
    assert body(event)["Description"] == new
    assert body(event)["ChangeEventHeader"]["diffFields"] == []


def applied(text: str, diff: str) -> str:
    """The new text, put together as a subscriber would."""
    lines, out, at = text.split("\n"), [], 0
    for line in diff.split("\n")[2:]:
        if line.startswith("@@"):
            start, count = line.split()[1][1:].split(",")
            first = int(start) - 1 if int(count) else int(start)
            out += lines[at:first]
            at = first
        elif line.startswith("-"):
            assert lines[at] == line[1:]
            at += 1
        else:
            out.append(line[1:])
    return "\n".join(out + lines[at:])


@given(st.lists(st.tuples(st.integers(0, 29), st.sampled_from(["cut", "add", "new"])), max_size=4))
def test_a_difference_leads_from_the_old_text_to_the_new(edits: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for place, edit in edits:
        at = min(place, len(lines) - 1)
        lines[at : at + 1] = {"cut": [], "add": [lines[at], "More."], "new": ["New."]}[edit]
    new = "\n".join(lines)
    diff = difference(LONG, new)
    if diff is not None:
        assert applied(LONG, diff) == new
        assert hashlib.sha256(new.encode()).hexdigest() in diff


FULL: dict[str, Any] = {
    "boolean": 1, "int": 7, "date": "2026-11-20", "datetime": 1_795_000_000,
    "double": 1_234, "currency": 1_234, "percent": 50,
}  # fmt: skip


@pytest.mark.parametrize(
    "sobject",
    [made for made in SCHEMA.objects.values() if made.capture],
    ids=lambda made: made.name,
)
def test_every_captured_object_has_events_with_all_of_its_fields(sobject: SObject) -> None:
    values = {entry.name: FULL.get(entry.type, "x") for entry in sobject.stored}
    values["IsDeleted"] = 0
    (event,) = published(created("001a", sobject, **values))
    found = body(event)
    assert event.schema_id == SCHEMAS.of(sobject).id
    assert [name for name, value in found.items() if value is None] == []
    (nothing,) = published(created("001a", sobject))
    filled = {name for name, value in body(nothing).items() if value is not None}
    booleans = {entry.name for entry in sobject.stored if entry.type == "boolean"}
    assert filled <= {"ChangeEventHeader"} | booleans


def test_a_custom_object_has_its_own_channel_and_events(tmp_path: Path) -> None:
    folder = tmp_path / "force-app/main/default/objects/Thing__c"
    (folder / "fields").mkdir(parents=True)
    space = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
    (folder / "Thing__c.object-meta.xml").write_text(
        f"<CustomObject {space}><label>Thing</label><pluralLabel>Things</pluralLabel>"
        "<nameField><label>Name</label><type>Text</type></nameField>"
        "<sharingModel>ReadWrite</sharingModel></CustomObject>"
    )
    (folder / "fields" / "Weight__c.field-meta.xml").write_text(
        f"<CustomField {space}><fullName>Weight__c</fullName><label>Weight</label>"
        "<type>Number</type><precision>6</precision><scale>2</scale></CustomField>"
    )
    thing = org_schema(read_package(tmp_path), frozenset()).of("Thing__c")
    assert (thing.capture, thing.event) == (True, "Thing__ChangeEvent")
    (event,) = published(created("a00a", thing, Weight__c=1250))
    found = schemaless_reader(io.BytesIO(event.payload), SCHEMAS.of(thing).parsed, None)
    assert isinstance(found, dict)
    assert (found["Weight__c"], found["ChangeEventHeader"]["entityName"]) == (12.5, "Thing__c")
