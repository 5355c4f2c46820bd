"""Composition root: builds the real parts, joins them, runs."""

from contextlib import AsyncExitStack

from kernel.topics import SALESFORCE_COMMANDS
from runtime.consume import Consumption, consume
from runtime.fetching import open_fetching
from runtime.process import Context, run
from runtime.produce import open_log
from runtime.salesforce_sign_in import SalesforceSignIn, salesforce_calls
from runtime.salesforce_versions import check_version
from runtime.schemas import load_codec, schemas_directory
from runtime.sealing import ready_sealer
from runtime.tokens import HeldToken
from runtime.topics import ensure_topics, load_topics
from runtime.waiting import eventually
from runtime.write_log import ready_write_log
from salesforce_writer.adapters.collections import SalesforceCollections
from salesforce_writer.app.attempts import Attempts
from salesforce_writer.app.work import PART
from salesforce_writer.app.writer import Writer
from salesforce_writer.domain.requests import RECORDS_MAX
from salesforce_writer.settings import SERVICE, Settings

SCHEMA = "salesforce_writer"
KEYS_CONNECTIONS = 2


async def work(settings: Settings, ctx: Context) -> None:
    bootstrap, schemas = settings.common.kafka_bootstrap, schemas_directory()
    codec, stores = load_codec(schemas), settings.stores
    async with AsyncExitStack() as parts:
        await ensure_topics(bootstrap, load_topics(schemas / "topics"), ctx.health)
        salesforce = await _salesforce(settings, ctx, parts)
        log = await parts.enter_async_context(
            ready_write_log(stores.sync_dsn, codec, SCHEMA, size=settings.slots, ctx=ctx)
        )
        seals = await parts.enter_async_context(
            ready_sealer(stores.keys_dsn, stores.kek_file, size=KEYS_CONNECTIONS, ctx=ctx)
        )
        outcomes = open_log(bootstrap, codec, SERVICE, ctx.telemetry, ctx)
        parts.push_async_callback(outcomes.close)
        attempts = Attempts(
            salesforce=salesforce,
            log=log,
            ctx=ctx,
            patience=settings.patience,
            currency=settings.currency,
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
    """Signed in once, so that a wrong credential or a retired version shows at the start."""
    own = settings.salesforce
    fetching = await parts.enter_async_context(
        open_fetching(
            "Salesforce", own.hosts, ca_file=settings.ca_file, connections=settings.slots + 1
        )
    )
    tokens = HeldToken(SalesforceSignIn(fetching, ctx.clock, own), ctx.clock)
    await eventually(PART, tokens.current, health=ctx.health)
    calls = salesforce_calls(fetching, tokens, ctx.telemetry, own)
    await eventually(PART, lambda: check_version(calls, own.api_version), health=ctx.health)
    return SalesforceCollections(
        calls,
        ctx.telemetry,
        version=own.api_version,
        slots=settings.slots,
        timeout_s=settings.timeout_s,
    )


def main() -> None:
    run(SERVICE, Settings.from_env, lambda settings: settings.common, work)


if __name__ == "__main__":
    main()
