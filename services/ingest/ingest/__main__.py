"""Composition root of ingest: builds the real parts, joins them, runs."""

from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ingest.adapters.netsuite_suiteql import NetSuiteSuiteQl
from ingest.adapters.salesforce_pubsub import SalesforcePubSub, open_channel
from ingest.adapters.salesforce_rest import SalesforceRest
from ingest.adapters.store import MIGRATIONS, SCHEMA, Store
from ingest.app.first_customers import FirstCustomers
from ingest.app.first_items import FirstItems
from ingest.app.heartbeat import Heartbeat
from ingest.app.inbox import Inbox
from ingest.app.lifetime import Patience, together
from ingest.app.listening import EVENTS, Intake, Listener
from ingest.app.membership import Membership
from ingest.app.netsuite import First, Memory, NetSuitePoller, Timing, carry_netsuite
from ingest.app.netsuite_reading import NetSuiteReader, Outside
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.app.orphans import Orphanage
from ingest.app.progress import Progress
from ingest.app.reader import DocumentReader
from ingest.app.salesforce import carry_salesforce
from ingest.app.shaping import shapes_of
from ingest.app.sweeping import Sweeper
from ingest.app.working import Workers
from ingest.domain.changes import Watch
from ingest.domain.netsuite_fields import CURRENCY
from ingest.domain.suiteql import can_read, faults_of
from ingest.settings import SERVICE, Settings
from kernel.errors import FatalError
from kernel.maps import Maps, Reading, readings_of
from kernel.maps.faults import MapsError
from kernel.maps.guards import guarded_readings
from kernel.records import System
from runtime import handover, logs, names
from runtime.database import Pool, migrate, ready_pool
from runtime.fetching import open_fetching
from runtime.health import StopRequestedError
from runtime.maps import load_maps
from runtime.netsuite_sign_in import netsuite_access, netsuite_calls
from runtime.process import Context, run
from runtime.produce import Log, open_log
from runtime.salesforce_sign_in import SalesforceSignIn, salesforce_calls
from runtime.salesforce_versions import check_version
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import Sealer, ready_sealer
from runtime.settings import SettingsError
from runtime.tokens import HeldToken
from runtime.topics import ensure_topics, load_topics
from runtime.waiting import eventually

CLIENT = "tallystick"
SYNC_CONNECTIONS, KEYS_CONNECTIONS = 6, 3
NETSUITE_CONNECTIONS = 2
"""One for the account's slot that reading takes, one for the sign-in."""

SALESFORCE, NETSUITE = "salesforce", "netsuite"


@dataclass(frozen=True, slots=True)
class Shared:
    """What both sides lean on."""

    store: Store
    membership: Membership
    sealer: Sealer
    log: Log
    patience: Patience
    ctx: Context


def load_settings() -> tuple[Settings, Maps]:
    """Settings and map: the faults of either stop the service before it touches anything."""
    settings = Settings.from_env()
    try:
        maps = load_maps(settings.maps_overlay)
    except MapsError as error:
        raise SettingsError(error.faults) from error
    faults = [
        fault
        for kind, reading in readings_of(maps, System.NETSUITE).items()
        for fault in faults_of(kind, reading.fields, reading.lines)
    ]
    if faults:
        raise SettingsError(faults)
    return settings, maps


async def work(given: tuple[Settings, Maps], ctx: Context) -> None:
    settings, maps = given
    bootstrap, schemas = settings.common.kafka_bootstrap, schemas_directory()
    stores = settings.stores
    ctx.health.declare(SALESFORCE, EVENTS, NETSUITE)
    logs.info(names.STARTED, f"map {maps.hash} is in force", map=maps.hash)
    async with AsyncExitStack() as parts:
        await ensure_topics(bootstrap, load_topics(schemas / "topics"), ctx.health)
        store = Store(await _sync(settings, ctx, parts))
        sealer = await parts.enter_async_context(
            ready_sealer(stores.keys_dsn, stores.kek_file, size=KEYS_CONNECTIONS, ctx=ctx)
        )
        log = open_log(bootstrap, load_codec(schemas), SERVICE, ctx.telemetry, ctx)
        parts.push_async_callback(log.close)
        shared = Shared(store, Membership(store), sealer, log, Patience(ctx), ctx)
        await together(
            _salesforce_side(settings, maps, shared),
            _netsuite_side(settings, _readings(maps, System.NETSUITE), shared),
        )


def _readings(maps: Maps, system: System) -> dict[str, Reading]:
    return guarded_readings(maps, system, can_read if system is System.NETSUITE else _any_field)


def _any_field(kind: str, path: str) -> bool:
    """Salesforce tells every field that may be written."""
    return True


async def _sync(settings: Settings, ctx: Context, parts: AsyncExitStack) -> Pool:
    pool = await parts.enter_async_context(
        ready_pool(settings.stores.sync_dsn, "postgres:sync", size=SYNC_CONNECTIONS, ctx=ctx)
    )
    for schema, statements in ((SCHEMA, MIGRATIONS), (handover.SCHEMA, handover.STATEMENTS)):
        await eventually(
            "postgres:sync", partial(migrate, pool, schema, statements), health=ctx.health
        )
    return pool


async def _salesforce_side(settings: Settings, maps: Maps, shared: Shared) -> None:
    own, ctx = settings.salesforce, shared.ctx
    org, events, many = own.connection, own.events, own.readers + 2
    async with AsyncExitStack() as parts:
        fetching = await parts.enter_async_context(
            open_fetching("Salesforce", org.hosts, ca_file=settings.ca_file, connections=many)
        )
        tokens = HeldToken(SalesforceSignIn(fetching, ctx.clock, org), ctx.clock)
        calls = salesforce_calls(fetching, tokens, ctx.telemetry, org)
        records = SalesforceRest(calls, version=org.api_version, client=CLIENT, readers=many)
        channel = open_channel(
            events.pubsub, tls=events.pubsub_tls, ca_file=settings.ca_file, hosts=org.hosts
        )
        parts.push_async_callback(channel.close, None)
        stream = SalesforcePubSub(
            channel,
            tokens,
            ctx.telemetry,
            topic=events.channel,
            org_url=org.url,
            org_id=events.org_id,
            batch=own.batch,
        )
        with suppress(StopRequestedError):
            await shared.patience.until_it_works(
                SALESFORCE, lambda: check_version(calls, org.api_version)
            )
            await _carry_salesforce(settings, maps, records, stream, shared)


async def _carry_salesforce(
    settings: Settings,
    maps: Maps,
    records: SalesforceRest,
    stream: SalesforcePubSub,
    shared: Shared,
) -> None:
    own, ctx = settings.salesforce, shared.ctx
    org_id, listened = own.events.org_id, own.events.channel
    readings = list(_readings(maps, System.SALESFORCE).values())
    shapes = await shapes_of(readings, maps, records, shared.patience, own.currency)
    ctx.health.well(SALESFORCE)
    channel = f"{SALESFORCE}:{org_id}:{listened}"
    progress = Progress(shared.store, channel, ctx)
    await progress.load()
    inbox = Inbox(ctx.clock, window_s=own.window_s, notices_max=own.notices_max)
    sweeper = Sweeper(records, inbox, progress, ctx)
    reader = DocumentReader(
        records,
        shared.sealer,
        shared.log,
        shared.membership,
        ctx,
        source=org_id,
        shapes=shapes,
    )
    intake = Intake(
        inbox=inbox,
        progress=progress,
        membership=shared.membership,
        orphanage=Orphanage(records, shared.membership),
        sweeper=sweeper,
    )
    heartbeat = Heartbeat(System.SALESFORCE, listened, ctx)
    listener = Listener(
        stream, Watch(shapes, CLIENT), intake, heartbeat, ctx, earliest=own.earliest
    )
    workers = Workers(inbox, reader, progress, ctx)
    await carry_salesforce(listener, sweeper, workers, inbox, progress, ctx, readers=own.readers)


async def _netsuite_side(settings: Settings, readings: dict[str, Reading], shared: Shared) -> None:
    there, ctx = settings.netsuite.connection, shared.ctx
    async with open_fetching(
        "NetSuite", there.hosts, ca_file=settings.ca_file, connections=NETSUITE_CONNECTIONS
    ) as fetching:
        access = netsuite_access(fetching, ctx.clock, there)
        netsuite = NetSuiteSuiteQl(netsuite_calls(fetching, access, ctx.telemetry, there))
        with suppress(StopRequestedError):
            await _carry_netsuite(settings, readings, netsuite, shared)


async def _carry_netsuite(
    settings: Settings, readings: dict[str, Reading], netsuite: NetSuiteSuiteQl, shared: Shared
) -> None:
    account = settings.netsuite.account
    search = NetSuiteSearch(netsuite, shared.patience)
    outside = Outside(
        search,
        shared.store,
        shared.sealer,
        shared.log,
        shared.patience,
        shared.ctx,
    )
    currency = settings.netsuite.currency
    if currency and await search.knows(CURRENCY):
        raise FatalError("the account has many currencies: take NETSUITE_CURRENCY out")
    reader = NetSuiteReader(
        outside,
        readings,
        source=account,
        one_world=await search.has_subsidiaries(),
        currency=currency,
    )
    poller = NetSuitePoller(
        search,
        reader,
        First(
            FirstCustomers(outside, reader, shared.store, source=account),
            FirstItems(outside, reader, shared.store, source=account),
        ),
        Memory(shared.store, shared.membership, shared.store),
        shared.patience,
        shared.ctx,
        channel=f"{NETSUITE}:{account}",
        kinds=list(readings),
        timing=_timing(settings),
    )
    await carry_netsuite(poller, shared.ctx)


def _timing(settings: Settings) -> Timing:
    own = settings.netsuite
    return Timing(
        poll_s=own.poll_s,
        reference_s=own.reference_s,
        overlap=timedelta(seconds=own.overlap_s),
        margin=timedelta(seconds=own.margin_s),
        again=timedelta(seconds=own.again_s),
        lookback=timedelta(seconds=own.lookback_s),
    )


def main() -> None:
    run(SERVICE, load_settings, lambda given: given[0].common, work)


if __name__ == "__main__":
    main()
