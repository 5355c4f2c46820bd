"""One order-to-cash story by hand: both systems' pages in Chromium, by keyboard alone."""

import asyncio
from pathlib import Path

import pytest

from tests.end_to_end.chromium import Keyboard, keyboard
from tests.world import World

pytestmark = pytest.mark.real
WITHIN_S = 60.0
STORY = "Story of one deal"


async def until(person: Keyboard, address: str, words: str) -> None:
    """Looks again until the page says these words."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            await person.open(address)
            if words in await person.text():
                return
            await asyncio.sleep(0.3)


async def test_a_deal_is_won_billed_and_paid_through_both_systems_pages(
    world: World, tmp_path: Path
) -> None:
    salesforce = str(world.stack.endpoints["salesforce"]["http"])
    netsuite = str(world.stack.endpoints["netsuite"]["http"])
    async with keyboard(tmp_path / "chromium") as person:
        deal = await win_a_deal(person, f"{salesforce}/ui")
        await bill_and_book_the_payment(person, f"{netsuite}/ui")
        await until(person, deal, "Billing Status\nPaid")
        assert "1,250.00 EUR" in await person.text()
        assert person.violations == []


async def win_a_deal(person: Keyboard, salesforce: str) -> str:
    await person.open(f"{salesforce}/Account/new")
    await person.fill("Account Name", "Story & Söhne")
    await person.choose("Account Currency", "EUR")
    await person.go("Create")
    await person.go("New opportunity")
    await person.fill("Name", STORY)
    await person.choose("Stage", "Negotiation")
    await person.choose("Opportunity Currency", "EUR")
    await person.choose("Product and list price", "Silver support, 2,500.00 EUR (Enterprise)")
    await person.fill("Sales price", "1250")
    await person.go("Create")
    assert await person.title() == STORY, await person.text()
    await person.go("Close won")
    assert "The opportunity is closed won." in await person.text()
    return (await person.address()).partition("?")[0]


async def bill_and_book_the_payment(person: Keyboard, netsuite: str) -> None:
    await until(person, f"{netsuite}/salesorder", "Story & Söhne")
    number = next(word for word in (await person.text()).split() if word.startswith("SO-"))
    await person.go(number)
    if "Pending Approval" in await person.text():
        await person.go("Approve")
    await person.go("Bill")
    await person.go("Create invoice")
    assert (await person.title()).startswith("Invoice"), await person.text()
    await person.go("Accept payment")
    await person.go("Create payment")
    assert (await person.title()).startswith("Payment"), await person.text()
