"""A process that does what its MODE says: started, and signalled, by tests."""

import asyncio
import os
import signal

from kernel.errors import FatalError
from runtime.process import Context, run
from runtime.settings import CommonSettings, Reader, common, environment


def settings() -> tuple[CommonSettings, str]:
    reader = Reader(environment())
    shared = common(reader, "small")
    mode = reader.choice(
        "MODE", "what to do", ("work", "hang", "fatal", "bug", "done", "eof"), None
    )
    reader.finish()
    if mode == "eof":
        raise FatalError("the map has a fault")
    return shared, mode


async def main(own: tuple[CommonSettings, str], ctx: Context) -> None:
    match own[1]:
        case "work":
            os.kill(os.getpid(), signal.SIGTERM)
            await ctx.stop.wait()
            await asyncio.sleep(0.05)
            print("finished what was in hand", flush=True)
        case "hang":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        case "fatal":
            raise FatalError("the credentials of NetSuite were refused")
        case "bug":
            raise ZeroDivisionError("secret value 42")


if __name__ == "__main__":
    run("small", settings, lambda own: own[0], main)
