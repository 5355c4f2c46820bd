"""Does the tasks of jobs: in the order of the batch or side by side, on the account's slots."""

import asyncio
import logging
import sqlite3
import traceback
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiohttp import web

from sandbox.database import transaction
from sandbox.faults import Fault
from sandbox.netsuite.account import Work
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.jobs import FAILED, PENDING, PROCESSING, SUCCEEDED, headers_of_task
from sandbox.netsuite.api.wire import Call, headers_of, refusal
from sandbox.netsuite.errors import NetSuiteError

log = logging.getLogger(__name__)
SYSTEM = "netsuite"
LOOK_AGAIN_S = 0.05
"""The limit of slots can be raised meanwhile: a task that waits for one looks this often."""
BEHIND_REQUESTS = 1 << 62
"""Holders of slots that are tasks do not meet those that are requests."""
Dispatch = Callable[[Work, Call], web.Response]
Refuse = Callable[[int, object], web.Response]


class Worker:
    """Runs beside the site; what was submitted before a restart is done after it."""

    def __init__(self, desk: Desk, dispatch: Dispatch, refuse: Refuse) -> None:
        self._desk = desk
        self._dispatch = dispatch
        self._refuse = refuse
        self._wanted = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE _task SET progress = ? WHERE progress = ?", (PENDING, PROCESSING)
            )
        self._wanted.set()
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        tasks = [task for task in (self._loop, *self._running.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """A job was committed."""
        self._wanted.set()

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._desk.account.connection

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            rows = self._connection.execute(
                "SELECT DISTINCT job, parallel, user, origin FROM _task JOIN _job ON id = job"
                " WHERE progress = ? ORDER BY job",
                (PENDING,),
            ).fetchall()
            for row in rows:
                if row["job"] not in self._running:
                    task = asyncio.create_task(self._job(row))
                    self._running[row["job"]] = task
                    task.add_done_callback(partial(self._ended, row["job"]))

    def _ended(self, job: int, _: asyncio.Task[None]) -> None:
        self._running.pop(job, None)

    async def _job(self, job: sqlite3.Row) -> None:
        numbers = [
            row["number"]
            for row in self._connection.execute(
                "SELECT number FROM _task WHERE job = ? AND progress = ? ORDER BY number",
                (job["job"], PENDING),
            ).fetchall()
        ]
        if not job["parallel"]:
            for number in numbers:
                await self._task(job, number)
            return
        # Side by side nothing is promised about the order: the last one goes first, so that a
        # client that relies on an order is found out.
        await asyncio.gather(*(self._task(job, number) for number in reversed(numbers)))

    async def _task(self, job: sqlite3.Row, number: int) -> None:
        holder = -(BEHIND_REQUESTS + job["job"] * 1000 + number)
        await self._desk.slots.wait_for_one(holder, LOOK_AGAIN_S)
        try:
            row = self._begin(job["job"], number)
            if row is not None:
                await self._do(job, row)
        finally:
            self._desk.slots.release(holder)
            await asyncio.sleep(0)

    def _begin(self, job: int, number: int) -> sqlite3.Row | None:
        """None when a new seed took the job away."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE _task SET progress = ?, started = ? WHERE job = ? AND number = ?",
                (PROCESSING, _moment(self._desk.frame.clock.now()), job, number),
            )
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT * FROM _task WHERE job = ? AND number = ?", (job, number)
        ).fetchone()
        return row

    async def _do(self, job: sqlite3.Row, row: sqlite3.Row) -> None:
        call = Call(
            method=row["method"],
            path=row["path"],
            query_string=row["query"],
            origin=job["origin"],
            headers=headers_of(headers_of_task(row)),
            raw=bytes(row["body"]),
        )
        faults = self._desk.faults.match_all(SYSTEM, call.method, call.path)
        waits = sum(one.seconds for one in faults if one.effect in ("delay", "commit_late"))
        latency = self._desk.account.profile.netsuite_latency
        await asyncio.sleep(waits + latency.of_task(call.method))
        user = self._desk.users[job["user"]]
        work = self._desk.begin(user)
        with transaction(self._connection):
            response = self._answer(work, call, faults)
            self._desk.journal.write(
                actor=user.actor,
                method=call.method,
                path=call.path,
                status=response.status,
                effect=",".join([f"job {row['job']}", *(one.effect for one in faults)]),
                mutations=work.mutations,
            )
            self._keep(row, response)
            self._warn(row, work.warnings)

    def _answer(self, work: Work, call: Call, faults: list[Fault]) -> web.Response:
        for fault in faults:
            if fault.effect == "status":
                return self._refuse(fault.status, fault.body)
        try:
            with transaction(self._connection):
                response = self._dispatch(work, call)
        except NetSuiteError as error:
            work.mutations.clear()
            work.warnings.clear()
            return refusal(error)
        except Exception as error:
            # A task must end whatever happens in it: its job would stand open for ever. The
            # error's text stays out of the log because it may hold values of the request.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("failed task %s %s\n%s", call.method, type(error), where)
            work.mutations.clear()
            work.warnings.clear()
            return self._refuse(500, None)
        return response

    def _keep(self, row: sqlite3.Row, response: web.Response) -> None:
        body = response.body
        self._connection.execute(
            "UPDATE _task SET progress = ?, ended = ?, status = ?, location = ?, media = ?,"
            " result = ? WHERE job = ? AND number = ?",
            (
                SUCCEEDED if response.status < 400 else FAILED,
                _moment(self._desk.frame.clock.now()),
                response.status,
                response.headers.get("Location"),
                response.headers.get("Content-Type"),
                body if isinstance(body, bytes) else None,
                row["job"],
                row["number"],
            ),
        )

    def _warn(self, row: sqlite3.Row, properties: list[str]) -> None:
        if properties:
            self._connection.execute(
                "INSERT OR REPLACE INTO _task_warning (job, number, properties) VALUES (?,?,?)",
                (row["job"], row["number"], ",".join(properties)),
            )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
