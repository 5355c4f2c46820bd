"""The second half: let both records of each pair name each other, and hand over to the stream."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import PermanentError
from transform.adopting.ports import Links, Texts
from transform.adopting.reading import NETSUITE, SALESFORCE, Both, watermark
from transform.domain.adopting.proposals import Writes, is_taken, writes_of
from transform.domain.adopting.records import Customer
from transform.domain.facts import Identity

BATCH = 100
"""Pairs at a time: what is under way when the process dies is looked at again."""
OF_ANOTHER = "meanwhile the customer belongs to another account"
GONE = "meanwhile one of the two is gone"
LINKED_OTHERWISE = "the account or the customer is linked otherwise"
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    both: Both
    links: Links
    org_id: str
    identity: Identity
    channels: Mapping[str, str]
    """System → the channel of ingest that begins at its watermark."""


async def apply(applying: Applying) -> None:
    """Writes what is missing and no more: what is right already costs no write."""
    book, links = applying.both.workbook, applying.links
    wait = applying.both.patience.until_it_works
    moments = {
        applying.channels[system]: watermark(book, system) for system in (SALESFORCE, NETSUITE)
    }
    await wait(lambda: links.hand_over(moments))
    await _take_what_is_linked(applying)
    total, done, written = book.counts()["to link"], 0, 0
    while pairs := book.to_link(BATCH):
        results, writes = await _linked(applying, pairs)
        book.done(results)
        done, written = done + len(pairs), written + writes
        applying.both.say("linking", done=done, total=total)
    applying.both.say("applied", writes=written, **book.counts())


async def _take_what_is_linked(applying: Applying) -> None:
    """Pairs that named each other before: transform learns of them, nothing is written."""
    after = ""
    while pairs := applying.both.workbook.linked(BATCH, after):
        some = pairs
        wait = applying.both.patience.until_it_works
        await wait(lambda: applying.links.take(some))  # noqa: B023  # awaited at once
        after = pairs[-1][0]


async def _linked(applying: Applying, pairs: Pairs) -> tuple[dict[str, str], int]:
    """What became of each pair, and how many records were written. Both are read again first."""
    both, wait = applying.both, applying.both.patience.until_it_works
    accounts = await wait(lambda: both.accounts.identities([account for account, _ in pairs]))
    customers = await wait(lambda: both.customers.by_id([customer for _, customer in pairs]))
    results: dict[str, str] = {}
    ready: dict[str, tuple[Customer, Writes]] = {}
    for account, customer_id in pairs:
        customer, stands = customers.get(customer_id), accounts.get(account)
        if customer is None or stands is None:
            results[account] = GONE
        elif is_taken(customer, account):
            results[account] = OF_ANOTHER
        else:
            writes = writes_of(account, customer, stands, applying.org_id, applying.identity)
            ready[account] = customer, writes
    refused = await wait(
        lambda: applying.links.take([(account, c.id) for account, (c, _) in ready.items()])
    )
    results |= dict.fromkeys(refused, LINKED_OTHERWISE)
    ready = {account: pair for account, pair in ready.items() if account not in refused}
    return await _written(applying, ready, results)


async def _written(
    applying: Applying,
    ready: Mapping[str, tuple[Customer, Writes]],
    results: dict[str, str],
) -> tuple[dict[str, str], int]:
    """NetSuite first: an account that shows a number has a customer that bears its mark."""
    marking = {account: pair for account, pair in ready.items() if pair[1].customer}
    refusals = await asyncio.gather(
        *(_mark(applying, customer.id, writes.customer) for customer, writes in marking.values())
    )
    faults = dict(zip(marking, refusals, strict=True))
    results |= {account: why for account, why in faults.items() if why}
    updates = {
        account: writes.account
        for account, (_, writes) in ready.items()
        if writes.account and not faults.get(account)
    }
    wait = applying.both.patience.until_it_works
    if updates:
        results |= await wait(lambda: applying.both.accounts.tell(updates))
    written = sum(not why for why in refusals) + len(updates)
    return {account: results.get(account, "") for account in (*ready, *results)}, written


async def _mark(applying: Applying, customer_id: str, fields: Texts) -> str:
    """Empty, or why NetSuite refused it."""
    wait = applying.both.patience.until_it_works
    try:
        await wait(lambda: applying.both.customers.mark(customer_id, fields))
    except PermanentError as error:
        return str(error)
    return ""
