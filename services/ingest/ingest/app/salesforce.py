"""Salesforce's changes into the log: listener and readers side by side, and a clean end."""

import asyncio
from contextlib import suppress

from ingest.app.inbox import Inbox
from ingest.app.lifetime import ended, together
from ingest.app.listening import Listener
from ingest.app.progress import Progress
from ingest.app.sweeping import Sweeper
from ingest.app.working import Workers
from kernel.errors import RetryableError
from runtime.health import StopRequestedError
from runtime.process import Context

FINISH_WITHIN_S, STORE_WITHIN_S = 4.0, 1.0


async def carry_salesforce(
    listener: Listener,
    sweeper: Sweeper,
    workers: Workers,
    inbox: Inbox,
    progress: Progress,
    ctx: Context,
    *,
    readers: int,
) -> None:
    """Until the process shall end: then what is being read is finished and the cursor stored."""
    reading = [workers.run() for _ in range(readers)]
    working = asyncio.create_task(together(*reading))
    feeding = asyncio.create_task(together(listener.listen(), sweeper.run(), progress.keep()))
    stopping = asyncio.create_task(_stopped(ctx))
    try:
        await asyncio.wait({working, feeding, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if ctx.stop.is_set():
            await ended(feeding)
            inbox.close()
            await asyncio.wait({working}, timeout=FINISH_WITHIN_S)
        for task in (working, feeding):
            if task.done() and not task.cancelled():
                with suppress(StopRequestedError):
                    task.result()
    finally:
        await ended(working, feeding, stopping)
        with suppress(RetryableError, TimeoutError):
            async with asyncio.timeout(STORE_WITHIN_S):
                await progress.store()


async def _stopped(ctx: Context) -> None:
    await ctx.stop.wait()
