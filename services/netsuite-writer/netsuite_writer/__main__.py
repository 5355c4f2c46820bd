"""Composition root: builds the real parts, joins them, runs."""

import random
from contextlib import AsyncExitStack

from kernel.topics import NETSUITE_COMMANDS
from netsuite_writer.adapters.rest import RestNetSuite
from netsuite_writer.adapters.write_log import SingleWriteLog
from netsuite_writer.app.attempts import PART, Attempts
from netsuite_writer.app.writer import Writer
from netsuite_writer.settings import SERVICE, Settings
from runtime.consume import Consumption, consume
from runtime.fetching import open_fetching
from runtime.netsuite_account import absent_fields
from runtime.netsuite_sign_in import netsuite_access, netsuite_calls, netsuite_scripts
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import ready_sealer
from runtime.topics import ensure_topics, load_topics
from runtime.vendor_calls import VendorCalls
from runtime.waiting import eventually
from runtime.write_log import ready_write_log

SCHEMA = "netsuite_writer"
KEYS_CONNECTIONS = 2


async def work(settings: Settings, ctx: Context) -> None:
    bootstrap, schemas = settings.common.kafka_bootstrap, schemas_directory()
    codec, stores = load_codec(schemas), settings.stores
    async with AsyncExitStack() as parts:
        await ensure_topics(bootstrap, load_topics(schemas / "topics"), ctx.health)
        calls, scripts = await _calls(settings, ctx, parts)
        absent = await eventually(PART, lambda: absent_fields(calls), health=ctx.health)
        log = SingleWriteLog(
            await parts.enter_async_context(
                ready_write_log(stores.sync_dsn, codec, SCHEMA, size=settings.slots, ctx=ctx)
            )
        )
        seals = await parts.enter_async_context(
            ready_sealer(stores.keys_dsn, stores.kek_file, size=KEYS_CONNECTIONS, ctx=ctx)
        )
        outcomes = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
        parts.push_async_callback(outcomes.close)
        attempts = Attempts(
            netsuite=RestNetSuite(calls, scripts, ctx.telemetry, settings.timeout_s),
            log=log,
            ctx=ctx,
            patience=settings.patience,
            dice=random.Random(),
        )
        writer = Writer(
            attempts=attempts,
            log=log,
            outcomes=outcomes,
            seals=seals,
            codec=codec,
            ctx=ctx,
            absent=absent,
        )
        consumption = Consumption(
            bootstrap=bootstrap,
            group=SERVICE,
            instance_id=settings.common.group_instance_id,
            topics=(NETSUITE_COMMANDS,),
            batch_max=1,
            slots=settings.slots,
            backfill_slots=settings.backfill_slots,
        )
        await consume(consumption, writer.handle, ctx=ctx, broken=writer.broken)


async def _calls(
    settings: Settings, ctx: Context, parts: AsyncExitStack
) -> tuple[VendorCalls, VendorCalls]:
    """Of records and of scripts. Signed in once, so that a wrong credential shows at the start."""
    own = settings.netsuite
    fetching = await parts.enter_async_context(
        open_fetching(
            "NetSuite", own.hosts, ca_file=settings.ca_file, connections=settings.slots + 1
        )
    )
    access = netsuite_access(fetching, ctx.clock, own)
    await eventually(PART, lambda: access.header("GET", own.url), health=ctx.health)
    return (
        netsuite_calls(fetching, access, ctx.telemetry, own),
        netsuite_scripts(fetching, access, ctx.telemetry, own),
    )


def main() -> None:
    run(SERVICE, Settings.from_env, lambda settings: settings.common, work)


if __name__ == "__main__":
    main()
