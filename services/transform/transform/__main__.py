"""Composition root of transform: builds the real parts, joins them, runs."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from kernel.maps import Maps
from kernel.maps.faults import MapsError
from kernel.refunds import Reasons
from kernel.refunds.parse import ReasonsError
from kernel.topics import NETSUITE_CHANGES, OPERATIONS, OUTCOMES, SALESFORCE_CHANGES
from runtime import logs, names
from runtime.blind_index import open_blind_index
from runtime.consume import Consumption, consume
from runtime.database import Pool, migrate, ready_pool
from runtime.maps import load_maps, load_reasons
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import Sealer, ready_sealer
from runtime.settings import SettingsError
from runtime.topics import ensure_topics, load_topics
from transform.adapters import review_desk
from transform.adapters.event_log import KafkaEventLog
from transform.adapters.likenesses import PostgresLikenesses
from transform.adapters.migrations import SCHEMA, STATEMENTS
from transform.adapters.state import PostgresState
from transform.app import Parts, broken, handle, recover, sweep, tell_late
from transform.domain.facts import Identity, Policy
from transform.domain.lifecycle import DeletedAccount, LifecycleRules, LostOrder
from transform.domain.money_rules.rules import (
    ClosedPeriod,
    CustomerCurrency,
    HeaderDiscount,
    MoneyRules,
    RateRules,
)
from transform.settings import SERVICE, MoneySettings, Settings

CLIENT = "tallystick"
POOL_SIZE, KEYS_CONNECTIONS = 4, 2


def load_settings() -> tuple[Settings, Maps, Reasons]:
    """Settings and tables: the faults of any stop the service before it touches anything."""
    settings = Settings.from_env()
    try:
        return (
            settings,
            load_maps(settings.maps_overlay),
            load_reasons(settings.maps_overlay),
        )
    except (MapsError, ReasonsError) as error:
        raise SettingsError(error.faults) from error


def money_rules(settings: MoneySettings) -> MoneyRules:
    return MoneyRules(
        rates=RateRules(
            age_max_days=settings.rate_age_max_days,
            by_pair=settings.rate_age_max_by_pair,
            weekend=settings.rate_weekend,
        ),
        closed_period=ClosedPeriod(settings.closed_period),
        header_discount=HeaderDiscount(settings.header_discount),
        discount_item=settings.discount_item,
        customer_currency=CustomerCurrency(settings.customer_currency),
        pinned_rates=settings.pinned_rates,
        corporate_currency=settings.corporate_currency,
    )


async def serve(given: tuple[Settings, Maps, Reasons], ctx: Context) -> None:
    settings, maps, _ = given
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
    given: tuple[Settings, Maps, Reasons],
    pool: Pool,
    sealer: Sealer,
    ctx: Context,
    stack: AsyncExitStack,
) -> Parts:
    settings, maps, reasons = given
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
            money=money_rules(settings.money),
            reasons=reasons,
            lifecycle=_lifecycle(settings),
        ),
        telemetry=ctx.telemetry,
    )


def _lifecycle(settings: Settings) -> LifecycleRules:
    return LifecycleRules(
        lost_order=LostOrder(settings.lost_orders),
        deleted_account=DeletedAccount(settings.deleted_accounts),
    )


async def _work(parts: Parts, settings: Settings, ctx: Context) -> None:
    consumption = Consumption(
        bootstrap=settings.common.kafka_bootstrap,
        group=SERVICE,
        instance_id=settings.common.group_instance_id,
        topics=(SALESFORCE_CHANGES, NETSUITE_CHANGES, OUTCOMES, OPERATIONS),
        batch_max=settings.batch_max,
        slots=1,
        first=SALESFORCE_CHANGES,  # what people do there does not wait for what follows from it
    )
    sweeping = asyncio.create_task(_sweep_now_and_then(parts, settings, ctx))
    try:
        await consume(consumption, partial(handle, parts), ctx=ctx, broken=partial(broken, parts))
    finally:
        sweeping.cancel()


async def _sweep_now_and_then(parts: Parts, settings: Settings, ctx: Context) -> None:
    while not ctx.stop.is_set():
        await ctx.clock.sleep(settings.sweep_s)
        await sweep(parts)
        await tell_late(parts, settings.late_after_s)


def main() -> None:
    run(SERVICE, load_settings, lambda given: given[0].common, serve)


if __name__ == "__main__":
    main()
