"""Composition root of adopting: `python -m transform.adopting`, started by `tallystick adopt`."""

import asyncio
import fcntl
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path

from kernel.errors import FatalError, PermanentError
from kernel.maps import Maps, readings_of
from kernel.maps.faults import MapsError
from kernel.maps.filters import Filter, looks_of
from kernel.records import System
from runtime import logs
from runtime.clock import Clock
from runtime.database import migrate, open_pool
from runtime.fetching import open_fetching
from runtime.handover import SCHEMA as HANDOVER
from runtime.handover import STATEMENTS as HANDOVER_STATEMENTS
from runtime.maps import load_maps
from runtime.netsuite_sign_in import netsuite_access, netsuite_calls
from runtime.salesforce_sign_in import SalesforceSignIn, salesforce_calls
from runtime.settings import SettingsError
from runtime.telemetry import open_telemetry
from runtime.tokens import HeldToken
from transform.adapters.adopting.judging import JudgingProcesses
from transform.adapters.adopting.links import PostgresLinks
from transform.adapters.adopting.netsuite import NetSuiteCustomers
from transform.adapters.adopting.proposal_file import write_proposals
from transform.adapters.adopting.salesforce import SalesforceAccounts
from transform.adapters.adopting.secrecy import secrecy_of
from transform.adapters.adopting.workbook import SqliteWorkbook
from transform.adapters.migrations import SCHEMA, STATEMENTS
from transform.adopting.linking import Applying, apply
from transform.adopting.patience import Patience
from transform.adopting.reading import NETSUITE, SALESFORCE, Both, read_and_propose
from transform.adopting.settings import APPLY, PROPOSE, SERVICE, Settings
from transform.adopting.telling import say
from transform.domain.adopting.records import (
    ACCOUNT,
    ALWAYS_OF_CUSTOMER,
    CUSTOMER_COLUMNS,
    MATCHING,
)
from transform.domain.likeness import CUSTOMER

WORKBOOK, LOCK = "workbook.db", "lock"
SALESFORCE_CONNECTIONS, POOL_SIZE = 4, 2
EXIT_FAILED, EXIT_WRONG_USAGE, EXIT_STOPPED = 1, 2, 130


async def adopt(settings: Settings, maps: Maps) -> None:
    async with AsyncExitStack() as parts:
        parts.enter_context(_held(settings.directory))
        secrecy = secrecy_of(settings.kek_file)
        path = settings.directory / WORKBOOK
        book = parts.enter_context(closing(SqliteWorkbook(path, secrecy)))
        if settings.mode == PROPOSE and book.recall("finished"):
            book.forget()  # a whole proposal is asked for anew, a broken off one is gone on with
        filters = _filters(maps)
        judging = JudgingProcesses(path, secrecy, filters, settings.processes)
        parts.callback(judging.close)
        both = await _both(settings, maps, book, parts)
        await read_and_propose(both, judging, _fields(maps, filters))
        if settings.mode == APPLY:
            await apply(await _applying(settings, both, parts))
        found = await asyncio.to_thread(write_proposals, settings.directory, book.proposals())
        book.note(finished="yes")
        say("written", file=str(found), **book.counts())


async def _both(
    settings: Settings, maps: Maps, book: SqliteWorkbook, parts: AsyncExitStack
) -> Both:
    telemetry, clock = open_telemetry(SERVICE, "0"), Clock()
    org, there = settings.salesforce, settings.netsuite
    to_org = await parts.enter_async_context(
        open_fetching(
            "Salesforce", org.hosts, ca_file=settings.ca_file, connections=SALESFORCE_CONNECTIONS
        )
    )
    to_account = await parts.enter_async_context(
        open_fetching(
            "NetSuite", there.hosts, ca_file=settings.ca_file, connections=settings.slots + 1
        )
    )
    tokens = HeldToken(SalesforceSignIn(to_org, clock, org), clock)
    access = netsuite_access(to_account, clock, there)
    return Both(
        accounts=SalesforceAccounts(
            salesforce_calls(to_org, tokens, telemetry, org), version=org.api_version
        ),
        customers=NetSuiteCustomers(
            netsuite_calls(to_account, access, telemetry, there),
            columns=_columns(maps),
            slots=settings.slots,
        ),
        workbook=book,
        patience=Patience(say),
        say=say,
    )


async def _applying(settings: Settings, both: Both, parts: AsyncExitStack) -> Applying:
    pool = open_pool(settings.sync_dsn, size=POOL_SIZE, service=SERVICE)
    parts.push_async_callback(pool.close)
    await both.patience.until_it_works(lambda: migrate(pool, SCHEMA, STATEMENTS))
    await both.patience.until_it_works(lambda: migrate(pool, HANDOVER, HANDOVER_STATEMENTS))
    return Applying(
        both=both,
        links=PostgresLinks(pool),
        org_id=settings.org_id,
        identity=settings.identity,
        channels={
            SALESFORCE: f"{SALESFORCE}:{settings.org_id}:{settings.channel}",
            NETSUITE: f"{NETSUITE}:{settings.account}",
        },
    )


def _filters(maps: Maps) -> list[Filter]:
    sources = maps.sources(System.SALESFORCE)
    return [rule for source in sources if source.source_kind == ACCOUNT for rule in source.filters]


def _fields(maps: Maps, filters: list[Filter]) -> frozenset[str]:
    """The map is the allow-list here as everywhere: what it does not read is not asked for."""
    allowed = readings_of(maps, System.SALESFORCE)[ACCOUNT].fields
    looked_at = {look.field for rule in filters for look in looks_of(rule.when)}
    return frozenset({*MATCHING, *looked_at} & allowed)


def _columns(maps: Maps) -> list[str]:
    allowed = readings_of(maps, System.NETSUITE)[CUSTOMER].fields | ALWAYS_OF_CUSTOMER
    return [path for path in CUSTOMER_COLUMNS if path in allowed]


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """One adoption at a time in a directory."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FatalError(
                f"another adoption works in {directory}: wait for it, or name another directory"
            ) from error
        yield


async def _until_asked_to_end(settings: Settings, maps: Maps) -> int:
    """What was read and written is kept; the next start goes on from there."""
    working = asyncio.create_task(adopt(settings, maps))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        say("stopped", kept=str(settings.directory))
        return EXIT_STOPPED
    except (FatalError, PermanentError) as error:
        say("failed", why=str(error))
        return EXIT_FAILED
    return 0


def main() -> None:
    try:
        settings = Settings.from_env()
        maps = load_maps(settings.maps_overlay)
    except (SettingsError, MapsError) as error:
        for fault in error.faults:
            print(f"{SERVICE}: {fault}", file=sys.stderr)
        sys.exit(EXIT_WRONG_USAGE)
    logs.set_up(SERVICE, "WARNING")
    sys.exit(asyncio.run(_until_asked_to_end(settings, maps)))


if __name__ == "__main__":
    main()
