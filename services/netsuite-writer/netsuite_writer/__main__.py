"""Composition root: builds the real parts, joins them, runs."""

import random
from contextlib import AsyncExitStack

from kernel.codec import Codec
from kernel.topics import NETSUITE_COMMANDS
from netsuite_writer.adapters.auth import Access, credentials_of
from netsuite_writer.adapters.calls import open_client
from netsuite_writer.adapters.rest import RestNetSuite
from netsuite_writer.adapters.write_log import PostgresWriteLog
from netsuite_writer.app.attempts import PART, Attempts, Patience
from netsuite_writer.app.writer import Writer
from netsuite_writer.settings import SERVICE, Settings
from runtime.consume import Consumption, consume
from runtime.database import open_pool, wait_for
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import Sealer, open_sealer
from runtime.topics import ensure_topics, load_topics
from runtime.waiting import eventually

KEYS_CONNECTIONS = 2


async def work(settings: Settings, ctx: Context) -> None:
    bootstrap, schemas = settings.common.kafka_bootstrap, schemas_directory()
    codec = load_codec(schemas)
    async with AsyncExitStack() as parts:
        await ensure_topics(bootstrap, load_topics(schemas / "topics"), ctx.health)
        netsuite = await _netsuite(settings, ctx, parts)
        log, seals = await _stores(settings, ctx, parts, codec)
        outcomes = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
        parts.push_async_callback(outcomes.close)
        attempts = Attempts(
            netsuite=netsuite,
            log=log,
            ctx=ctx,
            patience=Patience(settle_s=settings.settle_s, failures_max=settings.failures_max),
            dice=random.Random(),
        )
        writer = Writer(
            attempts=attempts, log=log, outcomes=outcomes, seals=seals, codec=codec, ctx=ctx
        )
        consumption = Consumption(
            bootstrap=bootstrap,
            group=SERVICE,
            instance_id=settings.common.group_instance_id,
            topics=(NETSUITE_COMMANDS,),
            batch_max=1,
            slots=settings.slots,
        )
        await consume(consumption, writer.handle, ctx=ctx, broken=writer.broken)


async def _netsuite(settings: Settings, ctx: Context, parts: AsyncExitStack) -> RestNetSuite:
    """Signed in once, so that a wrong credential shows at the start."""
    credentials = credentials_of(
        settings.client_id, settings.certificate_id, settings.private_key_file
    )
    client = open_client(settings.url, settings.ca_file, settings.slots)
    await parts.enter_async_context(client)
    access = Access(client, credentials, ctx.clock, settings.timeout_s)
    await eventually(PART, access.token, health=ctx.health)
    return RestNetSuite(client, access, ctx.telemetry, settings.timeout_s)


async def _stores(
    settings: Settings, ctx: Context, parts: AsyncExitStack, codec: Codec
) -> tuple[PostgresWriteLog, Sealer]:
    sync = open_pool(settings.sync_dsn, size=settings.slots, service=SERVICE)
    keys = open_pool(settings.keys_dsn, size=KEYS_CONNECTIONS, service=SERVICE)
    for pool in (sync, keys):
        parts.push_async_callback(pool.close)
    await wait_for(sync, ctx.health, "postgres:sync")
    await wait_for(keys, ctx.health, "postgres:keys")
    log = PostgresWriteLog(sync, codec)
    await eventually("postgres:sync", log.prepare, health=ctx.health)
    seals = await eventually(
        "postgres:keys", lambda: open_sealer(keys, settings.kek_file), health=ctx.health
    )
    return log, seals


def main() -> None:
    run(SERVICE, Settings.from_env, lambda settings: settings.common, work)


if __name__ == "__main__":
    main()
