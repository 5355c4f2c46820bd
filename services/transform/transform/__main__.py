"""Composition root of transform: builds the real parts, joins them, runs."""

import asyncio
from functools import partial

from kernel.maps import Maps
from kernel.maps.faults import MapsError
from kernel.topics import NETSUITE_CHANGES, OUTCOMES, SALESFORCE_CHANGES
from runtime import logs, names
from runtime.consume import Consumption, consume
from runtime.database import migrate, open_pool, wait_for
from runtime.maps import load_maps
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.settings import SettingsError
from runtime.topics import ensure_topics, load_topics
from transform.adapters.event_log import KafkaEventLog
from transform.adapters.migrations import SCHEMA, STATEMENTS
from transform.adapters.state import PostgresState
from transform.app import Parts, broken, handle, recover, sweep
from transform.domain.facts import Policy
from transform.domain.money_rules.rules import (
    ClosedPeriod,
    CustomerCurrency,
    HeaderDiscount,
    MoneyRules,
    RateRules,
)
from transform.settings import SERVICE, MoneySettings, Settings

CLIENT = "tallystick"
POOL_SIZE = 4


def load_settings() -> tuple[Settings, Maps]:
    """Settings and map: the faults of either stop the service before it touches anything."""
    settings = Settings.from_env()
    try:
        return settings, load_maps(settings.maps_overlay)
    except MapsError as error:
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
    )


async def serve(given: tuple[Settings, Maps], ctx: Context) -> None:
    settings, maps = given
    directory = schemas_directory()
    codec = load_codec(directory)
    pool = open_pool(settings.sync_dsn, size=POOL_SIZE, service=SERVICE)
    bootstrap = settings.common.kafka_bootstrap
    await ensure_topics(bootstrap, load_topics(directory / "topics"), ctx.health)
    await wait_for(pool, ctx.health)
    await migrate(pool, SCHEMA, STATEMENTS)
    state = PostgresState(pool, codec, settings.common.group_instance_id)
    log = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
    events = KafkaEventLog(bootstrap, codec)
    money = money_rules(settings.money)
    policy = Policy(maps=maps, org_id=settings.org_id, client=CLIENT, money=money)
    parts = Parts(
        state=state,
        outbox=state,
        producer=log,
        events=events,
        codec=codec,
        policy=policy,
        telemetry=ctx.telemetry,
    )
    logs.info(names.STARTED, f"map {maps.hash} is in force", map=maps.hash)
    try:
        await recover(parts)
        await _work(parts, settings, ctx)
    finally:
        await events.close()
        await log.close()
        await pool.close()


async def _work(parts: Parts, settings: Settings, ctx: Context) -> None:
    consumption = Consumption(
        bootstrap=settings.common.kafka_bootstrap,
        group=SERVICE,
        instance_id=settings.common.group_instance_id,
        topics=(SALESFORCE_CHANGES, NETSUITE_CHANGES, OUTCOMES),
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
