"""What is said to NetSuite: nested bodies, exact numbers, limits told in plain words."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kernel.errors import PermanentError
from kernel.exact_json import dumps, loads
from kernel.messages import Result
from kernel.money import Money
from kernel.sentences import say
from kernel.values import Document, Sealed
from kernel.verdicts import Verdict
from netsuite_writer.domain.fields import without
from netsuite_writer.domain.planning import plan_of
from netsuite_writer.domain.requests import JsonObject, body_of, json_of
from netsuite_writer.ports import Saving
from tests.unit.netsuite_writer.commands import LINE_ONE, customer, order

NAME = Sealed("salesforce:Account:001", "Account.Name", 1, b"sealed")


def test_dotted_paths_become_nested_objects_and_lines_become_items() -> None:
    document = Document(
        {"entity.id": "7", "memo": "x", "a.b.c": 1}, {"item": ({"item.id": "101"}, {"rate": 2})}
    )
    assert body_of(document) == {
        "entity": {"id": "7"},
        "memo": "x",
        "a": {"b": {"c": 1}},
        "item": {"items": [{"item": {"id": "101"}}, {"rate": 2}]},
    }


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("acme.example", "https://acme.example"),
        ("http://acme.example", "http://acme.example"),
        (None, None),
        ("", ""),
    ],
)
def test_a_web_address_gets_its_scheme_once_it_is_open(
    held: str | None, written: str | None
) -> None:
    assert body_of(Document({"url": held})) == {"url": written}


def test_an_empty_reference_is_cleared_as_a_whole() -> None:
    assert body_of(Document({"terms.id": None, "memo": None})) == {"terms": None, "memo": None}


def test_an_empty_field_of_a_line_is_left_to_netsuite() -> None:
    document = Document({}, {"item": ({"rate": Decimal(1), "description": None},)})
    assert body_of(document) == {"item": {"items": [{"rate": Decimal(1)}]}}


def test_a_path_below_a_plain_value_is_a_fault_of_the_map() -> None:
    with pytest.raises(PermanentError, match=r"entity\.id is below entity"):
        body_of(Document({"entity": "7", "entity.id": "8"}))


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("10000.00"), "10000"),
        (Decimal("0.1"), "0.1"),
        (Decimal("1234567890123456789.0123456789"), "1234567890123456789.0123456789"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (Money(Decimal("99.90"), "EUR"), "99.9"),
        (3, "3"),
        (True, "true"),
        (None, "null"),
        (date(2026, 11, 20), '"2026-11-20"'),
        (datetime(2026, 11, 20, 10, 14, 3, tzinfo=BERLIN), '"2026-11-20T09:14:03Z"'),
        (datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC), '"2026-11-20T09:14:03Z"'),
        ('Ärger "GmbH" 🚀\n', '"Ärger \\"GmbH\\" 🚀\\n"'),
    ],
)
def test_values_are_written_exactly(value: Decimal, written: str) -> None:
    assert dumps(json_of(value)) == written


def test_what_is_written_reads_back_as_the_same_decimals() -> None:
    body: JsonObject = {"rate": Decimal("0.1"), "lines": [Decimal("3.00"), 7, None, {"a": "b"}]}
    assert loads(dumps(body)) == body


def test_control_characters_inside_an_answer_are_let_through() -> None:
    assert loads('{"memo":"a\tb"}') == {"memo": "a\tb"}


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", ""])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        loads(text)


def test_a_number_that_is_not_finite_is_never_sent() -> None:
    with pytest.raises(ValueError, match="not a number that JSON can hold"):
        dumps(Decimal("NaN"))


def test_a_sealed_value_never_reaches_a_request() -> None:
    with pytest.raises(PermanentError, match=r"sealed Account\.Name"):
        body_of(Document({"companyName": NAME}))


def test_a_first_write_is_one_saving_whose_lines_replace_what_may_stand_there() -> None:
    command = order()
    saving = plan_of(command, command.document, None)
    assert isinstance(saving, Saving)
    assert (saving.target, saving.replaces) == (command.target, ("item",))
    assert loads(saving.body) == body_of(command.document)


def test_a_customer_replaces_no_sublist() -> None:
    command = customer()
    saving = plan_of(command, command.document, None)
    assert isinstance(saving, Saving)
    assert saving.replaces == ()


def test_a_name_that_is_too_long_is_held_and_stays_sealed() -> None:
    command = customer(companyName=NAME)
    opened = Document({**command.document.fields, "companyName": "x" * 300})
    verdict = plan_of(command, opened, None)
    assert isinstance(verdict, Verdict)
    assert (verdict.result, verdict.code) == (Result.PARKED, "TEXT_TOO_LONG")
    assert verdict.params["value"] is NAME
    assert say(verdict.code, verdict.params).startswith(
        "Account 001xx0000000001AAA (customer) is held: companyName has 300 characters,"
        " NetSuite takes 83: [sealed]."
    )


def test_a_name_of_exactly_the_limit_is_sent() -> None:
    command = customer(companyName="ж" * 83)
    assert isinstance(plan_of(command, command.document, None), Saving)


def test_a_long_description_names_its_line() -> None:
    command = order(lines=(LINE_ONE, {**LINE_ONE, "description": "y" * 4001}))
    verdict = plan_of(command, command.document, None)
    assert isinstance(verdict, Verdict)
    assert verdict.params["field"] == "item[1].description"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("memo", Decimal(5), "text"),
        ("tranDate", "soon", "a date"),
        ("exchangeRate", "much", "a number"),
        ("exchangeRate", True, "a number"),
    ],
)
def test_a_value_of_the_wrong_type_ends_the_command(
    field: str, value: Decimal | str, expected: str
) -> None:
    command = order(**{field: value})
    verdict = plan_of(command, command.document, None)
    assert isinstance(verdict, Verdict)
    assert (verdict.result, verdict.code) == (Result.DEAD, "WRONG_TYPE")
    assert verdict.params["expected"] == expected


def test_a_field_that_the_account_does_not_have_is_left_out() -> None:
    document = Document({"companyName": "Acme", "subsidiary.id": "1", "subsidiaryNote": "x"})
    assert without(document, frozenset()) == document
    left = without(document, frozenset({"subsidiary"}))
    assert left.fields == {"companyName": "Acme", "subsidiaryNote": "x"}
