"""The formula language: what it says and cannot say; formulas and record types of a package."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.formula.evaluate import Value, evaluate
from sandbox.salesforce.formula.parser import FormulaError, parse_formula
from sandbox.salesforce.records import change, create
from sandbox.salesforce.setup import ADMIN_USER
from sandbox.salesforce.work import Work
from tests.unit.sandbox.salesforce_org import org_in_memory

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
OBJECTS = Path("force-app") / "main" / "default" / "objects"


@dataclass(frozen=True, slots=True)
class Record:
    """A record with these values; its name was another one before."""

    values: dict[str, Value] = field(
        default_factory=lambda: {
            "Amount": Decimal("12.50"),
            "Name": "Tally",
            "Nothing": None,
            "Closed": date(2026, 11, 24),
            "Parts": "a;b",
            "Account.Name": "Acme",
        }
    )

    def value(self, parts: Sequence[str]) -> Value:
        return self.values[".".join(parts)]

    def prior(self, parts: Sequence[str]) -> Value:
        return "Stick" if tuple(parts) == ("Name",) else self.value(parts)

    def is_new(self) -> bool:
        return False

    def today(self) -> date:
        return date(2026, 11, 25)

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", Decimal(5)),
        ("2 ^ 3", Decimal(8)),
        ("-Amount + 1", Decimal("-11.50")),
        ("(1 + 2) * 3", Decimal(9)),
        ("Amount * Nothing", Decimal(0)),
        ("'x' & Name & \"!\"", "xTally!"),
        ("Amount > 12 && Amount <= 12.5", True),
        ("Amount = 1 || !(Amount <> 12.5)", True),
        ("ISBLANK(Nothing)", True),
        ("BLANKVALUE(Nothing, 'none')", "none"),
        ("IF(Amount > 100, 'big', 'small')", "small"),
        ("CASE(Name, 'Stick', 1, 'Tally', 2, 3)", Decimal(2)),
        ("ISCHANGED(Name)", True),
        ("ISCHANGED(Amount)", False),
        ("PRIORVALUE(Name)", "Stick"),
        ("ISNEW()", False),
        ("TODAY() - Closed", Decimal(1)),
        ("Closed + 7 > TODAY()", True),
        ("YEAR(Closed) * 100 + MONTH(Closed)", Decimal(202611)),
        ("ISPICKVAL(Name, 'Tally')", True),
        ("INCLUDES(Parts, 'b')", True),
        ("LEFT(Name, 2) & RIGHT(Name, 1) & MID(Name, 2, 2)", "Tayal"),
        ("CONTAINS(LOWER(Name), 'all')", True),
        ("REGEX(Name, '[A-Z][a-z]+')", True),
        ("ROUND(Amount / 3, 1)", Decimal("4.2")),
        ("MAX(1, Amount, 3)", Decimal("12.50")),
        ("LEN(Account.Name)", Decimal(4)),
        ("TEXT(Amount) /* a comment */", "12.50"),
        ("NOT(AND(TRUE, FALSE))", True),
    ],
)
def test_a_formula_says_what_the_platform_says(formula: str, expected: Value) -> None:
    assert evaluate(parse_formula(formula), Record()) == expected


@pytest.mark.parametrize(
    "formula", ["1 / 0", "VLOOKUP(1)", "IF(TRUE)", "VALUE('x')", "DATE(1,99,1)"]
)
def test_what_cannot_be_told_is_an_error_of_the_formula(formula: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(parse_formula(formula), Record())


@given(st.text(alphabet="()+-*/&|<>=!,.'\"aA1 $", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(FormulaError):
        assert parse_formula(text)


def write(path: Path, root: str, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<{root} xmlns="{NAMESPACE}">{body}</{root}>')


def test_a_record_has_the_first_active_record_type_and_no_inactive_one(tmp_path: Path) -> None:
    package = tmp_path / "package"
    for name, active in (("Customer", "true"), ("Partner", "true"), ("Retired", "false")):
        write(
            package / OBJECTS / "Account" / "recordTypes" / f"{name}.recordType-meta.xml",
            "RecordType",
            f"<fullName>{name}</fullName><active>{active}</active><label>{name}</label>",
        )
    org = org_in_memory(tmp_path, package)
    types = {found.name: found.id for found in org.schema.of("Account").record_types}
    work, account = Work(org, user=ADMIN_USER), org.schema.of("Account")
    made = create(work, account, {"Name": "Typed"})
    assert (org.row("Account", made) or {})["RecordTypeId"] == types["Customer"]
    change(work, account, made, {"RecordTypeId": types["Partner"]})
    assert (org.row("Account", made) or {})["RecordTypeId"] == types["Partner"]
    with pytest.raises(Refusal, match="INVALID_CROSS_REFERENCE_KEY"):
        change(work, account, made, {"RecordTypeId": types["Retired"]})
    assert org.value('SELECT count(*) FROM "RecordType"') == len(types)
    org.connection.close()


def test_texts_percents_and_dates_are_formulas_too(tmp_path: Path) -> None:
    package = tmp_path / "package"
    decimals = "<precision>18</precision><scale>1</scale>"
    kinds = {
        "Label__c": ("Text", "Name &amp; ' (' &amp; Owner.LastName &amp; ')'", ""),
        "Share__c": ("Percent", "NumberOfEmployees / 200", decimals),
        "Next__c": ("Date", "DATE(2026, 11, 24) + 7", ""),
        "Odd__c": ("Number", "1 / 0", decimals),
    }
    for name, (kind, formula, more) in kinds.items():
        write(
            package / OBJECTS / "Account" / "fields" / f"{name}.field-meta.xml",
            "CustomField",
            f"<fullName>{name}</fullName><label>{name}</label><formula>{formula}</formula>"
            f"{more}<type>{kind}</type>",
        )
    org = org_in_memory(tmp_path, package)
    work, account = Work(org, user=ADMIN_USER), org.schema.of("Account")
    made = create(work, account, {"Name": "Acme", "NumberOfEmployees": 50})
    row = org.row("Account", made) or {}
    assert {name: row[name] for name in kinds} == {
        "Label__c": "Acme (Keller)",
        "Share__c": 250,
        "Next__c": "2026-12-01",
        "Odd__c": None,
    }
    org.connection.close()
