"""The least that could answer: one handler that keeps a JSON record and its journal row."""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

from aiohttp import web

SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE record (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
"""


def main() -> None:
    """Arguments: a directory for the database; the port is written there."""
    directory = Path(sys.argv[1])
    connection = sqlite3.connect(directory / "bare.db", isolation_level=None)
    connection.executescript(SCHEMA)

    async def create(request: web.Request) -> web.Response:
        body = json.dumps(json.loads(await request.read()))
        connection.execute("BEGIN IMMEDIATE")
        made = connection.execute("INSERT INTO record (body) VALUES (?)", (body,)).lastrowid
        entry = json.dumps({"path": request.path, "id": made, "after": body})
        connection.execute("INSERT INTO journal (entry) VALUES (?)", (entry,))
        connection.execute("COMMIT")
        return web.json_response({"id": made}, status=201)

    async def read(request: web.Request) -> web.Response:
        query = "SELECT body FROM record WHERE id = ?"
        found = connection.execute(query, (request.match_info["id"],)).fetchone()
        return web.json_response(text=found[0])

    app = web.Application()
    app.add_routes([web.post("/records", create), web.get("/records/{id}", read)])
    asyncio.run(_serve(app, directory / "port"))


async def _serve(app: web.Application, port_file: Path) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    part = port_file.with_suffix(".part")
    part.write_text(str(runner.addresses[0][1]))
    part.replace(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
