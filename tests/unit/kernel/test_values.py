"""Money, hashes, refs: the values everything else is made of."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import PermanentError
from kernel.identity import event_id
from kernel.messages import Operation, OperationKind, Version, microseconds
from kernel.money import Money, is_whole_in_minor_units, rounded
from kernel.records import (
    RecordRef,
    System,
    external_id_of,
    netsuite,
    salesforce,
    source_of_external_id,
)
from kernel.sentences import SENTENCES, Owner, owner_of, say
from kernel.values import Document, Sealed, Value, content_hash, value_hash
from runtime.schemas import load_codec, schemas_directory

CODEC = load_codec(schemas_directory())
AMOUNTS = st.decimals(
    min_value=-(10**20), max_value=10**20, places=10, allow_nan=False, allow_infinity=False
)
INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(),
    AMOUNTS,
    st.dates(),
    INSTANTS,
    st.builds(Money, AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"])),
    st.builds(Sealed, st.text(), st.text(), st.integers(1, 9), st.binary()),
)
FIELDS = st.dictionaries(st.text(max_size=8), VALUES, max_size=5)
DOCUMENTS = st.builds(
    Document,
    FIELDS,
    st.dictionaries(st.text(max_size=8), st.lists(FIELDS, max_size=3).map(tuple), max_size=2),
)


def operation(fields: dict[str, Value]) -> Operation:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Operation(
        id="1", kind=OperationKind.LINK, actor="a", reason="b", selection=fields, requested_at=at
    )


@given(FIELDS)
def test_every_value_survives_the_wire_with_its_type_and_its_hash(
    fields: dict[str, Value],
) -> None:
    back = CODEC.decode(CODEC.encode(operation(fields)))
    assert isinstance(back, Operation)
    assert back.selection == fields
    assert {name: type(value) for name, value in back.selection.items()} == {
        name: type(value) for name, value in fields.items()
    }
    assert content_hash(Document(back.selection)) == content_hash(Document(fields))


def test_a_name_out_of_a_closed_list_travels_as_its_text() -> None:
    back = CODEC.decode(CODEC.encode(operation({"system": System.NETSUITE})))
    assert isinstance(back, Operation)
    assert back.selection == {"system": "netsuite"}


@given(DOCUMENTS)
def test_a_hash_does_not_hang_on_the_order_of_fields(document: Document) -> None:
    shuffled = Document(
        dict(reversed(list(document.fields.items()))),
        dict(reversed(list(document.lines.items()))),
    )
    assert content_hash(shuffled) == content_hash(document)


def test_values_that_differ_in_type_hash_apart_and_equal_numbers_alike() -> None:
    apart: list[Value] = [
        None, False, 0, "", "0", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC),
        Money(Decimal(0), "EUR"), Money(Decimal(0), "USD"), Sealed("s", "p", 1, b""),
    ]  # fmt: skip
    assert len({value_hash(value) for value in apart}) == len(apart)
    assert value_hash(Decimal("10.50")) == value_hash(Decimal("10.5"))
    assert value_hash(Decimal(10)) == value_hash(10)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("10834.55697232", "USD", "10834.56"),
        ("8271.5989", "JPY", "8272"),
        ("1.0005", "KWD", "1.001"),
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
    ],
)
def test_amounts_round_half_up_to_the_minor_unit(amount: str, currency: str, expected: str) -> None:
    assert rounded(Decimal(amount), currency) == Decimal(expected)


def test_money_shows_its_minor_units_and_its_code() -> None:
    assert str(Money(Decimal(10000), "EUR")) == "10,000.00 EUR"
    assert str(Money(Decimal(8272), "JPY")) == "8,272 JPY"


def test_yen_have_no_halves() -> None:
    assert not is_whole_in_minor_units(Decimal("1234.50"), "JPY")
    assert is_whole_in_minor_units(Decimal("1234.50"), "EUR")


def test_a_ref_reads_as_it_was_written() -> None:
    ref = netsuite("salesOrder", "eid:sf-00Dxx-Opportunity-006")
    assert RecordRef.parse(str(ref)) == ref
    assert ref.external_id == "sf-00Dxx-Opportunity-006"


@pytest.mark.parametrize("text", ["", "006xx", "salesforce:Account", "oracle:Account:1", "a::b"])
def test_what_is_not_a_ref_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        RecordRef.parse(text)


def test_an_external_id_leads_back_to_its_source() -> None:
    opportunity = salesforce("Opportunity", "006xx000001Sv7tAAC")
    external_id = external_id_of("00Dxx0000001gPLEAY", opportunity)
    assert external_id == "sf-00Dxx0000001gPL-Opportunity-006xx000001Sv7tAAC"
    assert source_of_external_id(external_id) == opportunity
    assert source_of_external_id("CRM-17") is None


def test_the_same_reading_has_the_same_id_and_another_another() -> None:
    ref = salesforce("Account", "001")
    ids = [
        event_id("00D", ref, version, content)
        for version in (Version(1, 2), Version(1, 3), Version(2, 2))
        for content in ("a", "b")
    ]
    assert len(set(ids)) == len(ids)
    assert ids[0] == event_id("00D", ref, Version(1, 2), "a")


def test_microseconds_are_exact() -> None:
    assert microseconds(datetime(2026, 11, 20, 9, 14, 3, 999_999, UTC)) == 1_795_166_043_999_999


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "no value"),
        (b"", "0 bytes"),
        (b"\x01\x00\x00\x00\x01abc", "first byte is 1"),
        (b"\x00\x00\x00\x00\x63abc", "schema id 99 is unknown"),
        (b"\x00\x00\x00\x00\x01abc", "does not read as"),
        (CODEC.encode(operation({})) + b"x", "left over"),
    ],
)
def test_bytes_that_do_not_decode_say_why(data: bytes | None, why: str) -> None:
    with pytest.raises(PermanentError, match=why):
        CODEC.decode(data)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_ends_with_its_code_and_names_its_owner(code: str) -> None:
    text = say(code, {})
    assert text.endswith(f"[{code}]")
    owner = owner_of(code)
    assert owner is Owner.NOBODY or owner.value.lower() in text.lower()


def test_a_sentence_keeps_what_is_sealed_unless_the_reader_may_see_it() -> None:
    sealed = Sealed("salesforce:Account:1", "Account.Name", 1, b"x")
    params: dict[str, Value] = {"account": sealed, "name": "Renewal", "product": "Gold support"}
    assert say("ITEM_UNMAPPED", params).startswith("Order for [sealed] (Renewal) waits")
    opened = say("ITEM_UNMAPPED", params, lambda value: "Acme GmbH")
    assert opened.startswith("Order for Acme GmbH (Renewal) waits: product 'Gold support'")
