"""A process that keeps one part and does nothing else: started, and killed, by a test."""

import asyncio
import sys
from pathlib import Path

from ops.local.supervisor import Supervisor
from tests.unit.local.parts import a_part


async def keep(directory: Path) -> None:
    await Supervisor(directory, directory, print, print).start(a_part(directory))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(keep(Path(sys.argv[1])))
