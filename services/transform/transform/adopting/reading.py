"""The first half of adopting: read both systems whole, propose, and say what was found."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from transform.adopting.patience import Patience
from transform.adopting.ports import Accounts, Customers, Judging, Page, Say, Workbook
from transform.domain.adopting.records import customer_of

SALESFORCE, NETSUITE = "salesforce", "netsuite"
MARGIN = timedelta(minutes=1)
"""Between the clock that answers us and the one that stamps a commit. What comes twice is decided
once, by its version."""
END = "end"
"""Stands for the place behind the last page; no id and no locator reads so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The two systems, the memory, and what calls them again."""

    accounts: Accounts
    customers: Customers
    workbook: Workbook
    patience: Patience
    say: Say


async def read_and_propose(both: Both, judging: Judging, fields: Collection[str]) -> None:
    """Goes on where it was broken off; nothing is written to either system."""
    await take_watermarks(both)
    await read_customers(both)
    await judge_accounts(both, judging, fields)
    both.say("proposed", **both.workbook.counts())


async def take_watermarks(both: Both) -> None:
    """Before anything is read: what changes later comes with the stream."""
    book, wait = both.workbook, both.patience.until_it_works
    if not book.recall("watermark_netsuite"):
        at_salesforce = await wait(both.accounts.now)
        at_netsuite = await wait(both.customers.now)
        book.note(
            watermark_salesforce=(at_salesforce - MARGIN).isoformat(),
            watermark_netsuite=(at_netsuite - MARGIN).isoformat(),
            run=str(uuid4()),
        )
    both.say(
        "watermark",
        salesforce=book.recall("watermark_salesforce"),
        netsuite=book.recall("watermark_netsuite"),
    )


def watermark(book: Workbook, system: str) -> datetime:
    return datetime.fromisoformat(book.recall(f"watermark_{system}"))


async def read_customers(both: Both) -> None:
    book = both.workbook
    if book.recall("customers"):
        return
    total = await both.patience.until_it_works(both.customers.total)
    place, done = book.recall("customers_place"), int(book.recall("customers_done") or 0)
    page = await _next_customers(both, place)
    while place != END:
        place = page.following or END
        coming = asyncio.create_task(_next_customers(both, place))
        customers = [customer_of(row) for row in page.rows]
        done += len(customers)
        notes = {"customers_place": place, "customers_done": str(done)}
        await asyncio.to_thread(book.add_customers, customers, notes)
        both.say("customers", done=done, total=total)
        page = await coming
    await asyncio.to_thread(book.close_customers)


async def _next_customers(both: Both, place: str) -> Page:
    if place == END:
        return Page((), "")
    return await both.patience.until_it_works(lambda: both.customers.page(place))


async def judge_accounts(both: Both, judging: Judging, fields: Collection[str]) -> None:
    book, wait = both.workbook, both.patience.until_it_works
    if book.recall("accounts"):
        return
    reading = book.recall("reading")
    if not reading:
        reading = await wait(lambda: both.accounts.begin(fields))
        book.note(reading=reading)
    both.say("gathering")
    total = await wait(lambda: both.accounts.complete(reading))
    place, done = book.recall("accounts_place"), int(book.recall("accounts_done") or 0)
    page = await _next_accounts(both, reading, place)
    while place != END:
        place = page.following or END
        coming = asyncio.create_task(_next_accounts(both, reading, place))
        proposals = await judging.judged(page.rows)
        done += len(proposals)
        notes = {"accounts_place": place, "accounts_done": str(done)}
        await asyncio.to_thread(book.add_proposals, proposals, notes)
        both.say("accounts", done=done, total=total)
        page = await coming
    await asyncio.to_thread(book.settle_claims)


async def _next_accounts(both: Both, reading: str, place: str) -> Page:
    if place == END:
        return Page((), "")
    return await both.patience.until_it_works(lambda: both.accounts.page(reading, place))
