"""Composition root of transform: builds the real parts, joins them, runs."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import kernel.maps
from kernel.maps import Maps
from kernel.maps.parse import MapsError, parse_maps
from kernel.nodes import Node
from kernel.topics import NETSUITE_CHANGES, OPERATIONS, OUTCOMES, SALESFORCE_CHANGES
from runtime import logs, names
from runtime.blind_index import open_blind_index
from runtime.consume import Consumption, consume
from runtime.database import Pool, migrate, ready_pool
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import Sealer, ready_sealer
from runtime.settings import SettingsError
from runtime.tables import read_tables
from runtime.topics import ensure_topics, load_topics
from transform.adapters import review_desk
from transform.adapters.event_log import KafkaEventLog
from transform.adapters.likenesses import PostgresLikenesses
from transform.adapters.migrations import SCHEMA, STATEMENTS
from transform.adapters.state import PostgresState
from transform.app import Parts, broken, handle, recover, sweep
from transform.domain.facts import Identity, Policy
from transform.settings import SERVICE, Settings

CLIENT = "tallystick"
POOL_SIZE, KEYS_CONNECTIONS = 4, 2
SHIPPED_MAPS = Path(kernel.maps.__file__).parent


def load_maps(settings: Settings) -> Maps:
    directories = [SHIPPED_MAPS, *([settings.maps_overlay] if settings.maps_overlay else [])]
    tables = read_tables(directories)
    return parse_maps(Node(table.file, table.line, dict(table.values)) for table in tables)


def load_settings() -> tuple[Settings, Maps]:
    """Settings and map: the faults of either stop the service before it touches anything."""
    settings = Settings.from_env()
    try:
        return settings, load_maps(settings)
    except MapsError as error:
        raise SettingsError(error.faults) from error


async def serve(given: tuple[Settings, Maps], ctx: Context) -> None:
    settings, maps = given
    directory, stores = schemas_directory(), settings.stores
    bootstrap = settings.common.kafka_bootstrap
    logs.info(names.STARTED, f"map {maps.hash} is in force", map=maps.hash)
    async with AsyncExitStack() as stack:
        await ensure_topics(bootstrap, load_topics(directory / "topics"), ctx.health)
        pool = await stack.enter_async_context(
            ready_pool(stores.sync_dsn, "postgres:sync", size=POOL_SIZE, ctx=ctx)
        )
        await migrate(pool, SCHEMA, STATEMENTS)
        sealer = await stack.enter_async_context(
            ready_sealer(stores.keys_dsn, stores.kek_file, size=KEYS_CONNECTIONS, ctx=ctx)
        )
        parts = await _parts(given, pool, sealer, ctx, stack)
        review_desk.serve(ctx.health, pool, parts.codec)
        await recover(parts)
        await _work(parts, settings, ctx)


async def _parts(
    given: tuple[Settings, Maps], pool: Pool, sealer: Sealer, ctx: Context, stack: AsyncExitStack
) -> Parts:
    settings, maps = given
    codec, bootstrap = load_codec(schemas_directory()), settings.common.kafka_bootstrap
    state = PostgresState(pool, codec, settings.common.group_instance_id)
    log = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
    stack.push_async_callback(log.close)
    events = KafkaEventLog(bootstrap, codec)
    stack.push_async_callback(events.close)
    blind = open_blind_index(settings.stores.kek_file)
    return Parts(
        state=state,
        outbox=state,
        producer=log,
        events=events,
        likenesses=PostgresLikenesses(pool, sealer, blind, codec),
        codec=codec,
        policy=Policy(
            maps=maps,
            org_id=settings.org_id,
            client=CLIENT,
            identity=Identity(settings.identity),
            checks_duplicates=settings.checks_duplicates,
        ),
        telemetry=ctx.telemetry,
    )


async def _work(parts: Parts, settings: Settings, ctx: Context) -> None:
    consumption = Consumption(
        bootstrap=settings.common.kafka_bootstrap,
        group=SERVICE,
        instance_id=settings.common.group_instance_id,
        topics=(SALESFORCE_CHANGES, NETSUITE_CHANGES, OUTCOMES, OPERATIONS),
        batch_max=settings.batch_max,
        slots=1,
    )
    sweeping = asyncio.create_task(_sweep_now_and_then(parts, settings.sweep_s, ctx))
    try:
        await consume(consumption, partial(handle, parts), ctx=ctx, broken=partial(broken, parts))
    finally:
        sweeping.cancel()


async def _sweep_now_and_then(parts: Parts, sweep_s: float, ctx: Context) -> None:
    while not ctx.stop.is_set():
        await ctx.clock.sleep(sweep_s)
        await sweep(parts)


def main() -> None:
    run(SERVICE, load_settings, lambda given: given[0].common, serve)


if __name__ == "__main__":
    main()
