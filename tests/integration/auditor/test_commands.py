"""`tallystick` verify, trace and status as people type them, on a real stack."""

import json
import re
from pathlib import Path

import pytest

from ops.local.stack import Stack
from runtime.process import Context
from tests.builders import change, opportunity
from tests.integration.auditor import deal
from tests.integration.auditor.parts import produce, tallystick, verify
from tests.unit.auditor.records import change_outcome

GOLDEN = Path(__file__).parent / "story.txt"
WIDTH = 80
CHANGING = {
    r"\d{2}:\d{2}:\d{2}\.\d{3}": "<time>",
    r"\d{4}-\d{2}-\d{2}": "<date>",
    r"\+?\d+(\.\d)? (ms|s|min)\b": "<span>",
    r"[a-z]+\.[a-z]+\.v1 \[\d+\] @ \d+": "<place>",
    r"change [0-9a-f]{3}…[0-9a-f]{3}": "change <id>",
    r"\s+": " ",
}
"""What differs from run to run, and where lines break because of it."""


@pytest.fixture(scope="module")
def told(stack: Stack) -> list[str]:
    """Where the deal is told; filled by the first test that needs it."""
    return []


@pytest.fixture
async def directory(stack: Stack, ctx: Context, told: list[str]) -> str:
    if not told:
        for message in await deal.told(stack):
            await produce(stack, ctx, message)
        assert verify(stack)["holds"]
        told.append(str(stack.state.directory))
    return told[0]


def loosely(text: str) -> str:
    for pattern, instead in CHANGING.items():
        text = re.sub(pattern, instead, text)
    return text.strip()


def test_a_story_is_told_in_80_columns(directory: str) -> None:
    done = tallystick("trace", str(deal.DEAL), "--state", directory)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= WIDTH
    assert loosely(done.stdout) == loosely(GOLDEN.read_text())


def test_an_order_tells_the_story_of_its_opportunity(directory: str) -> None:
    of_deal = tallystick("trace", str(deal.DEAL), "--state", directory).stdout
    of_order = tallystick("trace", str(deal.ORDER), "--state", directory).stdout
    assert of_order.startswith("salesOrder SO-1042 (id 812)")
    assert 'linked to Opportunity "Renewal 2027" (006…AAC)' in of_order
    assert of_order.splitlines()[2:] == of_deal.splitlines()[2:]


@pytest.mark.parametrize("name", [deal.DEAL.id, deal.DEAL.id[:15], "812"])
def test_a_bare_id_is_enough_where_one_record_has_it(directory: str, name: str) -> None:
    done = tallystick("trace", name, "--state", directory)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SO-1042" in done.stdout


def test_what_waits_is_told_with_who_acts_next(directory: str) -> None:
    done = tallystick("trace", deal.HELD.id, "--state", directory)
    text = " ".join(done.stdout.split())
    assert "Order for Acme GmbH (Renewal 2027) waits: product 'Gold support' has no" in text
    assert "Catalogue owner: set NS Item Id on the product" in text
    assert "[ITEM_UNMAPPED]" in text
    assert "parked since" in text


def test_personal_values_stay_closed_on_request_and_in_json(directory: str) -> None:
    closed = tallystick("trace", deal.HELD.id, "--sealed", "--state", directory).stdout
    as_json = tallystick("trace", deal.HELD.id, "--json", "--state", directory).stdout
    assert "[sealed]" in closed
    assert json.loads(as_json)["story"]["ref"] == str(deal.HELD)
    for text in (closed, as_json):
        assert "Acme" not in text
        assert "Renewal" not in text


def test_without_the_keys_a_story_is_told_with_its_values_closed(directory: str) -> None:
    wrong = {"KEK_FILE": str(GOLDEN)}
    done = tallystick("trace", deal.HELD.id, "--state", directory, environment=wrong)
    assert done.returncode == 0
    assert "personal values stay closed" in done.stderr
    assert "[sealed]" in done.stdout


def test_an_unknown_record_is_found_wrong(directory: str) -> None:
    done = tallystick("trace", "salesforce:Opportunity:006", "--state", directory)
    assert done.returncode == 1
    assert "Nothing is known of salesforce:Opportunity:006" in done.stdout


def test_a_name_that_is_no_ref_is_wrong_usage(directory: str) -> None:
    done = tallystick("trace", "sap:Order:1", "--state", directory)
    assert done.returncode == 2
    assert "'sap' in 'sap:Order:1' is not a system" in done.stderr


def test_status_shows_what_waits_and_for_whom(directory: str) -> None:
    done = tallystick("status", "--state", directory)
    text = " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= WIDTH
    assert done.returncode == 0
    assert "● auditor well · at the end of the log" in text
    assert "3 changes: 2 ended, 0 in flight, 1 waiting" in text
    assert "Waiting: 1 change worth 10,000.00 EUR" in text
    assert "Order for Acme GmbH (Renewal 2027) waits" in text
    assert "catalogue owner acts next · waits on Product2" in text
    facts = json.loads(tallystick("status", "--json", "--state", directory).stdout)
    assert facts["changes"]["states"]["parked"] == 1


def test_verify_says_that_nothing_is_missing(directory: str) -> None:
    done = tallystick("verify", "--state", directory)
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= WIDTH
    assert "7 topics, 84 partitions, 12 records: every offset has its row" in text
    assert (
        "3 changes = 1 applied + 1 unchanged + 0 filtered + 0 superseded + 0 rejected"
        " + 0 dead + 1 parked + 0 review + 0 in flight" in text
    )
    assert "Nothing is missing." in text
    assert json.loads(tallystick("verify", "--json", "--state", directory).stdout)["holds"]


async def test_verify_names_what_cannot_be(directory: str, stack: Stack, ctx: Context) -> None:
    """Last in this file: what is planted here stays."""
    event = change(deal.DEAL, opportunity(Name="Planted"))
    place, *_ = await produce(stack, ctx, change_outcome(event))
    done = tallystick("verify", "--state", directory)
    text = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert f"Change {event.id} of {deal.DEAL} is not in the log" in text
    assert str(place) in text
    assert "Something is wrong." in text
    assert "docs/runbooks/verify-fails.md" in text
    assert max(map(len, done.stdout.splitlines())) <= WIDTH


def test_a_part_that_is_away_is_told_with_its_own_exit_code(tmp_path: Path) -> None:
    nowhere = tallystick("verify", "--state", str(tmp_path))
    assert nowhere.returncode == 3
    assert "tallystick up --state" in nowhere.stderr
    (tmp_path / "endpoints.json").write_text(
        '{"services": {"auditor": {"pid": 1, "health": "http://127.0.0.1:1"}}}'
    )
    for command in (["verify"], ["trace", "812"], ["status"]):
        assert tallystick(*command, "--state", str(tmp_path)).returncode == 3


def test_without_a_stack_and_without_settings_the_remedy_is_told(tmp_path: Path) -> None:
    done = tallystick("verify", environment={"HOME": str(tmp_path), "AUDITOR_URL": "nonsense"})
    assert done.returncode == 3
    assert "nothing answers at nonsense" in done.stderr
