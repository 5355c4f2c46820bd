"""A process that seals a few values and prints what came out, as one line of JSON."""

import asyncio
import json
import sys
from pathlib import Path

from runtime.database import open_pool
from runtime.sealing import open_sealer


async def seal(dsn: str, kek_file: str, subjects: list[str]) -> list[tuple[int, str]]:
    async with open_pool(dsn, size=2, service="test") as pool:
        sealer = await open_sealer(pool, Path(kek_file))
        sealed = await sealer.seal([(subject, "Name", "Ada") for subject in subjects])
    return [(item.key_version, item.ciphertext.hex()) for item in sealed if item]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(seal(sys.argv[1], sys.argv[2], sys.argv[3:]))))
