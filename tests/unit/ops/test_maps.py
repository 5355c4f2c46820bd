"""`tallystick maps …` and `tallystick errors` as people type them."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kernel.sentences import SENTENCES
from ops.commands import maps
from ops.commands.errors import errors
from ops.mapping.documents import DOCUMENTS, text_of
from tests.builders import shipped_maps
from tests.tidy.rooms import REPOSITORY

WIDTH = 80
OVERLAY = """
map: account-to-customer
needed:
  - {read: IsTest__c, purpose: marks accounts that nobody buys from}
filters:
  - {name: test-account, purpose: ours, when: {field: IsTest__c, is: yes}}
rules:
  - {read: Name, write: companyName, owner: netsuite, personal: yes, purpose: finance names it}
  - {read: Industry, write: category.id, owner: salesforce, personal: no, purpose: groups reports}
  - {write: phone, remove: yes}
"""
FAULTY = """
map: account-to-customer
rules:
  - {read: Name, write: companyName, owner: sales, personal: yes, purpose: x}
  - {read: Fax, write: fax, owner: salesforce, personal: no}
"""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.delenv("MAPS_OVERLAY_DIR", raising=False)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    (tmp_path / "ours.yaml").write_text(OVERLAY)
    return tmp_path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    (tmp_path / "ours.yaml").write_text(FAULTY)
    return tmp_path


@dataclass(frozen=True, slots=True)
class Done:
    exit_code: int
    stdout: str
    stderr: str


def run(*words: object) -> Done:
    done = _done(maps.app, [str(word) for word in words])
    assert max(map(len, done.stdout.splitlines()), default=0) <= WIDTH or "--json" in words
    return done


def run_errors(*words: str) -> Done:
    app = typer.Typer()
    app.command()(errors)
    return _done(app, list(words))


def _done(app: typer.Typer, words: list[str]) -> Done:
    done = CliRunner().invoke(app, words)
    return Done(done.exit_code, done.stdout, done.stderr)


def test_a_map_in_order_is_said_to_be_so_with_its_hash() -> None:
    done = run("check")
    assert (done.exit_code, done.stderr) == (0, "")
    assert " ✓ The map is in order" in done.stdout
    assert shipped_maps().hash in done.stdout
    assert json.loads(run("check", "--json").stdout) == {"hash": shipped_maps().hash, "faults": []}


def test_check_lists_every_fault_and_ends_with_1(faulty: Path) -> None:
    done = run("check", "--overlay", faulty)
    assert done.exit_code == 1
    said = "".join(done.stdout.split())  # a long path is parted at the end of a line
    assert "ours.yaml:4:owner'sales'isunknown:useoneofsalesforce,netsuite," in said
    assert "ours.yaml:5:'purpose'ismissing:addit" in said
    found = json.loads(run("check", "--overlay", faulty, "--json").stdout)
    assert (found["hash"], len(found["faults"])) == (None, 2)


def test_check_looks_at_the_reasons_of_refunds_too(faulty: Path) -> None:
    (faulty / "refunds").mkdir()
    (faulty / "refunds" / "ours.yaml").write_text("- {reason: Bad debt, rate: the best one}\n")
    found = json.loads(run("check", "--overlay", faulty, "--json").stdout)["faults"]
    assert len(found) == 3
    assert "refunds/ours.yaml:1: " in found[2]


@pytest.mark.parametrize("command", [("show",), ("diff",), ("explain", "Name")])
def test_the_other_commands_end_with_2_where_the_map_has_faults(
    faulty: Path, command: tuple[str, ...]
) -> None:
    done = run(*command, "--overlay", faulty)
    assert done.exit_code == 2
    assert "ours.yaml:4: owner 'sales' is unknown" in done.stderr


def test_show_prints_each_field_with_its_owner_and_whether_it_is_personal() -> None:
    done = run("show", "account-to-customer")
    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["Name", "→", "companyName", "salesforce,", "personal"] in rows
    assert "filter test-account: not sent where Type is Test or Demo" in done.stdout
    assert "opportunity-to-sales-order" not in done.stdout
    assert run("show").stdout.count("→") > done.stdout.count("→")


def test_show_names_the_maps_where_one_is_asked_for_that_is_not_there() -> None:
    done = run("show", "account-to-vendor")
    assert done.exit_code == 2
    assert "there are: account-to-customer" in done.stderr


def test_show_has_all_of_it_as_json() -> None:
    shown = json.loads(run("show", "account-to-customer", "--json").stdout)
    (one,) = shown["maps"]
    email = next(row for row in one["fields"] if row["target"] == "customer.email")
    assert (email["owner"], email["personal"]) == ("salesforce-until-created", True)
    assert email["row"].startswith("account-to-customer.yaml:")


def test_diff_says_in_words_what_an_overlay_changes(overlay: Path) -> None:
    done = run("diff", "--overlay", overlay)
    assert done.exit_code == 1
    found = json.loads(run("diff", "--overlay", overlay, "--json").stdout)
    assert found == {
        "account-to-customer": [
            "filter test-account now asks: IsTest__c is yes (was: Type is Test or Demo)",
            "customer.companyName: owner 'salesforce' becomes 'netsuite'",
            "customer.companyName: purpose 'names the customer on documents' becomes"
            " 'finance names it'",
            "customer.category.id is new: from Industry, owned by salesforce: groups reports",
            "Account.IsTest__c is new: marks accounts that nobody buys from",
            "customer.phone is no longer written",
        ]
    }
    for sentence in found["account-to-customer"]:
        assert sentence in " ".join(done.stdout.split())


def test_diff_ends_with_0_where_an_overlay_changes_nothing(tmp_path: Path) -> None:
    done = run("diff", "--overlay", tmp_path)
    assert (done.exit_code, done.stdout) == (0, "The overlay changes nothing.\n")
    assert run("diff").exit_code == 2


@pytest.mark.parametrize(
    "name", ["NS_Billing_Email__c", "email", "customer.email", "Account.NS_Billing_Email__c"]
)
def test_explain_knows_a_field_by_either_system_s_name(name: str) -> None:
    done = run("explain", name)
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert "Account.NS_Billing_Email__c → customer.email" in said
    assert "why receives invoices" in said
    assert "owner salesforce-until-created: Salesforce's value is written when" in said
    assert "personal yes, about the Account named by Id; sealed in the log" in said
    assert "read along with Opportunity, as Account.NS_Billing_Email__c" in said
    assert "account-to-customer.yaml:" in said


def test_explain_names_the_conversion_and_the_filters_that_look_at_a_field() -> None:
    assert "web-address: adds https://" in " ".join(run("explain", "Website").stdout.split())
    said = " ".join(run("explain", "Account.Type").stdout.split())
    assert "test-account: Type is Test or Demo" in said
    assert "written nowhere: only decided by" in said


def test_explain_ends_with_1_for_a_field_that_never_leaves_its_system() -> None:
    done = run("explain", "HasOptedOutOfEmail")
    assert done.exit_code == 1
    assert "it never leaves its system" in " ".join(done.stdout.split())
    assert "Did you mean" in run("explain", "compnyName").stdout


def test_errors_prints_one_entry_or_all_in_a_line_each() -> None:
    one = run_errors("item_unmapped")
    said = " ".join(one.stdout.split())
    assert one.exit_code == 0
    assert "remedy Catalogue owner: set NS Item Id on the product" in said
    assert "class dependency: another record has to come first" in said
    every = run_errors()
    assert all(code in every.stdout for code in SENTENCES)
    assert max(map(len, every.stdout.splitlines())) <= WIDTH
    assert len(json.loads(run_errors("--json").stdout)) == len(SENTENCES)
    assert run_errors("NO_SUCH_CODE").exit_code == 2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_t10_2_the_generated_documents_are_up_to_date(name: str) -> None:
    written = (REPOSITORY / "docs" / name).read_text()
    assert written == text_of(name, shipped_maps()), f"docs/{name} is stale: run `make docs`"


def test_t8_5_the_glossary_says_of_every_field_why_it_travels_and_how_long_it_is_kept() -> None:
    text = text_of("field-glossary.md", shipped_maps())
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    fields = [row for row in rows if len(row) == 6 and row[0] not in ("field", "---")]
    every = json.loads(run("show", "--json").stdout)["maps"]
    assert len(fields) == sum(len(one["fields"]) for one in every)
    assert all(all(row) for row in fields)
    assert {row[5] for row in fields} == {"yes", "no"}


def test_docs_writes_what_is_stale_and_check_only_names_it(tmp_path: Path) -> None:
    (tmp_path / "errors.md").write_text("old")
    checked = run("docs", tmp_path, "--check")
    assert checked.exit_code == 1
    assert " ".join(checked.stdout.split()).count(" is stale: ") == len(DOCUMENTS)
    assert (tmp_path / "errors.md").read_text() == "old"
    assert run("docs", tmp_path).exit_code == 0
    assert run("docs", tmp_path, "--check").exit_code == 0
    assert (tmp_path / "errors.md").read_text() == (REPOSITORY / "docs" / "errors.md").read_text()
