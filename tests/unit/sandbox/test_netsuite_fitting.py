"""The catalogue and the searches show what this kind of account has, and nothing else."""

from dataclasses import replace

import pytest

from sandbox.netsuite.catalog import load_catalog
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.fitting import fitted
from sandbox.netsuite.records.render import View, render
from sandbox.netsuite.records.service import image_of
from sandbox.profile import DEFAULT, Profile
from tests.unit.sandbox.netsuite_account import USD, Books, line

LEGACY = replace(DEFAULT, suite_tax=False)
SINGLE = replace(DEFAULT, one_world=False)
DETAILS = {"taxDetails", "taxDetailsOverride", "taxPointDate"}
CODES = {"taxItem", "taxRate", "taxTotal", "isTaxable"}


def properties(kind: str, profile: Profile, *, scripts: bool = False) -> set[str]:
    return set(fitted(load_catalog(), profile, scripts=scripts)[kind.lower()].properties)


def line_properties(kind: str, profile: Profile, *, scripts: bool = False) -> set[str]:
    record = fitted(load_catalog(), profile, scripts=scripts)[kind.lower()]
    return set(record.properties["item"].inner)


def test_legacy_tax_is_not_open_to_the_record_service() -> None:
    assert properties("salesOrder", DEFAULT) >= DETAILS
    assert not properties("salesOrder", LEGACY) & (DETAILS | CODES | {"nexus"})
    assert not line_properties("invoice", LEGACY) & {"taxCode", "taxRate1", "grossAmt"}
    assert not properties("customer", LEGACY) & {"taxable", "taxItem", "taxRegistration"}
    assert {"total", "subtotal", "exchangeRate", "item"} <= properties("salesOrder", LEGACY)
    assert {"rate", "taxType"} <= properties("salesTaxItem", LEGACY)


def test_scripts_reach_the_legacy_fields_and_no_details() -> None:
    assert properties("salesOrder", LEGACY, scripts=True) >= CODES
    assert not properties("salesOrder", LEGACY, scripts=True) & DETAILS
    assert "taxCode" in line_properties("invoice", LEGACY, scripts=True)


def test_a_single_company_has_no_subsidiaries_anywhere() -> None:
    catalog = fitted(load_catalog(), SINGLE)
    assert "subsidiary" not in catalog
    for record in catalog.values():
        assert not {name for name in record.properties if "subsidiary" in name.lower()}, record.name
    assert "includeChildren" not in catalog["servicesaleitem"].properties
    assert "consolBalance" not in catalog["customer"].properties


def test_one_currency_needs_no_rates() -> None:
    catalog = fitted(load_catalog(), replace(DEFAULT, multi_currency=False))
    assert not {"currency", "currencyrate"} & set(catalog)
    assert not {"currency", "exchangeRate"} & set(catalog["invoice"].properties)
    assert "currencyList" not in catalog["customer"].properties


@pytest.mark.parametrize(
    ("profile", "column"),
    [(LEGACY, "transaction.taxdetailsoverride"), (SINGLE, "customer.consolbalancesearch")],
    ids=["legacy tax", "single company"],
)
def test_searches_do_not_know_the_columns_of_other_accounts(profile: Profile, column: str) -> None:
    table, name = column.split(".")
    assert Books().query(f"SELECT {name} FROM {table}") == []
    with pytest.raises(NetSuiteError, match=f"Unknown identifier '{name}'"):
        Books(profile).query(f"SELECT {name} FROM {table}")


def test_a_document_of_a_script_shows_its_tax_to_scripts_and_to_the_journal_only() -> None:
    books = Books(LEGACY)
    record_service, books.account = books.account, books.account.in_script
    customer = books.customer(USD, taxable=True, taxItem={"id": "9"})
    invoice = books.invoice(customer, line(101, 1, 100))
    books.account = record_service
    shown = render(books.work(), books.read(invoice), View(expand=True))
    assert (shown["subtotal"], shown["total"]) == (100, 110)
    assert not CODES & set(shown)
    assert image_of(books.work(), books.read(invoice))["taxTotal"] == 10
