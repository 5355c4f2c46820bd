"""Composition root: builds the real parts, joins them, runs."""

from contextlib import AsyncExitStack

from kernel.codec import Codec
from kernel.topics import SALESFORCE_COMMANDS
from runtime.consume import Consumption, consume
from runtime.database import open_pool, wait_for
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import Sealer, open_sealer
from runtime.topics import ensure_topics, load_topics
from runtime.waiting import eventually
from salesforce_writer.adapters.auth import Access, credentials_of
from salesforce_writer.adapters.collections import SalesforceCollections
from salesforce_writer.adapters.sessions import Line
from salesforce_writer.adapters.write_log import PostgresWriteLog
from salesforce_writer.app.attempts import PART, Attempts, Patience
from salesforce_writer.app.writer import Writer
from salesforce_writer.domain.requests import RECORDS_MAX
from salesforce_writer.settings import SERVICE, Settings

KEYS_CONNECTIONS = 2


async def work(settings: Settings, ctx: Context) -> None:
    bootstrap, schemas = settings.common.kafka_bootstrap, schemas_directory()
    codec = load_codec(schemas)
    async with AsyncExitStack() as parts:
        await ensure_topics(bootstrap, load_topics(schemas / "topics"), ctx.health)
        salesforce = await _salesforce(settings, ctx, parts)
        log, seals = await _stores(settings, ctx, parts, codec)
        outcomes = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
        parts.push_async_callback(outcomes.close)
        attempts = Attempts(
            salesforce=salesforce,
            log=log,
            ctx=ctx,
            patience=Patience(settle_s=settings.settle_s, failures_max=settings.failures_max),
        )
        writer = Writer(
            attempts=attempts, log=log, outcomes=outcomes, seals=seals, codec=codec, ctx=ctx
        )
        consumption = Consumption(
            bootstrap=bootstrap,
            group=SERVICE,
            instance_id=settings.common.group_instance_id,
            topics=(SALESFORCE_COMMANDS,),
            batch_max=RECORDS_MAX,
            slots=settings.slots,
        )
        await consume(consumption, writer.handle, ctx=ctx, broken=writer.broken)


async def _salesforce(
    settings: Settings, ctx: Context, parts: AsyncExitStack
) -> SalesforceCollections:
    """Signed in once, so that a wrong credential shows at the start."""
    line = Line(url=settings.url, ca_file=settings.ca_file, timeout_s=settings.timeout_s)
    credentials = credentials_of(
        settings.consumer_key, settings.username, settings.private_key_file
    )
    access = Access(line, credentials, ctx.clock)
    parts.callback(access.close)
    await eventually(PART, access.token, health=ctx.health)
    calls = SalesforceCollections(line, settings.api_version, access, ctx.telemetry, settings.slots)
    parts.callback(calls.close)
    return calls


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
