"""Composition root of the auditor: the one file that builds the real things and joins them."""

from contextlib import AsyncExitStack
from functools import partial

from auditor.adapters.api import serve
from auditor.adapters.counts import PostgresCounts
from auditor.adapters.log import KafkaLog
from auditor.adapters.schema import check, prepare
from auditor.adapters.shelf import PostgresShelf
from auditor.adapters.store import PostgresStore
from auditor.app.keep import keep, refuse, starts
from auditor.app.summary import summary
from auditor.app.trace import trace
from auditor.app.verify import verify
from auditor.domain.report import Verification
from auditor.settings import SERVICE, Settings, settings_from_environment
from kernel.topics import ALL
from runtime.consume import PART as CONSUMER
from runtime.consume import Consumption, consume
from runtime.database import Pool, open_pool, wait_for
from runtime.process import Context, run
from runtime.schemas import load_codec, schemas_directory
from runtime.topics import ensure_topics, load_topics

DATABASE = "postgres:audit"
READERS_MAX = 4
"""Questions answered at once; each takes one connection."""


async def audit(settings: Settings, ctx: Context) -> None:
    ctx.health.declare(CONSUMER)  # not ready before it reads, which is the last step
    async with AsyncExitStack() as stack:
        writer = await _pool(settings.writer_dsn, 1, ctx, stack)
        reader = await _pool(settings.reader_dsn, READERS_MAX, ctx, stack)
        if settings.owner_dsn:
            async with open_pool(settings.owner_dsn, size=1, service=SERVICE) as owner:
                await prepare(owner, writer=writer, reader=reader)
        else:
            await check(reader)
        await _serve(settings, ctx, writer, reader)


async def _serve(settings: Settings, ctx: Context, writer: Pool, reader: Pool) -> None:
    directory = schemas_directory()
    codec = load_codec(directory)
    bootstrap = settings.common.kafka_bootstrap
    await ensure_topics(bootstrap, load_topics(directory / "topics"), ctx.health)
    counts, shelf, log = PostgresCounts(reader), PostgresShelf(reader), KafkaLog(bootstrap)

    async def verified(wait_s: float) -> Verification:
        return await verify(counts, shelf, log, ctx.clock, wait_s=wait_s)

    serve(
        ctx.health,
        verify=verified,
        summary=partial(summary, counts, codec),
        trace=partial(trace, shelf=shelf, codec=codec),
    )
    await consume(
        Consumption(
            bootstrap=bootstrap,
            group=SERVICE,
            instance_id=settings.common.group_instance_id,
            topics=ALL,
            batch_max=settings.batch_max,
            slots=1,
            pending_max=4 * settings.batch_max,
        ),
        partial(keep, store=PostgresStore(writer), telemetry=ctx.telemetry),
        ctx=ctx,
        broken=refuse,
        starts=partial(starts, counts=counts, log=log),
    )


async def _pool(dsn: str, size: int, ctx: Context, stack: AsyncExitStack) -> Pool:
    pool = open_pool(dsn, size=size, service=SERVICE)
    stack.push_async_callback(pool.close)
    await wait_for(pool, ctx.health, DATABASE)
    return pool


def main() -> None:
    run(SERVICE, settings_from_environment, lambda settings: settings.common, audit)


if __name__ == "__main__":
    main()
