"""Works on bulk jobs in the background, a small transaction at a time, between other requests."""

import asyncio
import logging
import sqlite3
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from sandbox.database import open_database, transaction
from sandbox.journal import Journal
from sandbox.salesforce.bulk.extract import extract, header_of
from sandbox.salesforce.bulk.jobs import (
    COMPLETE,
    FAILED,
    QUERY,
    RESULTS,
    RUNNING,
    SUCCESSFUL,
    UNSUCCESSFUL,
    Job,
)
from sandbox.salesforce.bulk.load import Loading, loading
from sandbox.salesforce.bulk.query import planned
from sandbox.salesforce.bulk.sheet import BadData, Sheet, read_sheet
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.haversine import register
from sandbox.salesforce.work import Work

METHOD = "BULK"
RECORDS_PER_TRANSACTION = 200
AT_ONCE = 5
log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The job was aborted or deleted in the meantime."""


class BulkWorker:
    def __init__(self, desk: Desk, journal: Journal) -> None:
        self._desk = desk
        self._journal = journal
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    def start(self) -> None:
        """Takes up what was waiting or half done when the process ended."""
        self._take_up()

    def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    def wake(self) -> None:
        """Called after each commit."""
        if self._desk.bulk.submitted:
            self._take_up()

    def _take_up(self) -> None:
        self._desk.bulk.submitted = False
        for job in self._desk.bulk.unfinished():
            if job.id not in self._tasks:
                self._tasks[job.id] = asyncio.create_task(self._work(job.id))

    async def _work(self, identifier: str) -> None:
        try:
            async with self._slots:
                await self._finish(identifier)
        finally:
            del self._tasks[identifier]

    async def _finish(self, identifier: str) -> None:
        """Runs the job to one of its ends."""
        try:
            await self._run(self._begin(identifier))
        except _Stopped:
            return
        except (BadData, Refusal) as error:
            self._end(identifier, FAILED, _words(error))
        except Exception as error:
            # A mistake of ours ends this job only, without its words.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("failed bulk job %s\n%s", type(error), where)
            self._end(identifier, FAILED, "InternalServerError : An internal error occurred")
        else:
            self._end(identifier, COMPLETE)

    def _begin(self, identifier: str) -> Job:
        with transaction(self._desk.org.connection):
            job = self._current(identifier)
            return job if job.state == RUNNING else self._desk.bulk.change(job, state=RUNNING)

    def _end(self, identifier: str, state: str, error: str = "") -> None:
        with transaction(self._desk.org.connection):
            job = self._desk.bulk.find(identifier)
            if job is not None and job.state == RUNNING:
                self._desk.bulk.change(job, state=state, error=error)

    def _current(self, identifier: str) -> Job:
        job = self._desk.bulk.find(identifier)
        if job is None or job.state not in (RUNNING, "UploadComplete"):
            raise _Stopped
        return job

    async def _run(self, job: Job) -> None:
        await self._suffer(job)
        if job.kind == QUERY:
            await self._extract(job)
        else:
            await self._load(job)

    async def _suffer(self, job: Job) -> None:
        """A bad day of this job, when a rule asks for it."""
        path = f"/jobs/{job.kind}/{job.object}/{job.operation}"
        fault = self._desk.frame.faults.match("salesforce", METHOD, path)
        if fault is None:
            return
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault.effect == "status":
            raise BadData(str(fault.body or "InternalServerError : An internal error occurred"))

    async def _extract(self, job: Job) -> None:
        plan = planned(self._desk, job.user, job.soql)
        with closing(self._snapshot()) as snapshot:
            job = self._restarted(job, header_of(plan))
            for lines in extract(job, plan, snapshot):
                with transaction(self._desk.org.connection):
                    started = time.perf_counter()
                    now = self._current(job.id)
                    self._desk.bulk.write_lines(job, RESULTS, lines)
                    done = now.processed + len(lines)
                    self._desk.bulk.change(now, processed=done, spent_ms=_spent(now, started))
                await asyncio.sleep(0)

    def _snapshot(self) -> sqlite3.Connection:
        """The org as it is now, whatever is written meanwhile."""
        snapshot = open_database(self._desk.frame.state / "salesforce.db")
        register(snapshot)
        snapshot.execute("BEGIN")
        return snapshot

    def _restarted(self, job: Job, header: tuple[str, ...]) -> Job:
        """A query that was cut short begins anew."""
        with transaction(self._desk.org.connection):
            self._desk.org.connection.execute("DELETE FROM bulk_lines WHERE id = ?", (job.id,))
            return self._desk.bulk.change(self._current(job.id), header=header, processed=0)

    async def _load(self, job: Job) -> None:
        sheet = read_sheet(job, self._desk.bulk.content(job) or b"")
        view = self._desk.org.metadata.view(job.user)
        with transaction(self._desk.org.connection):
            job = self._desk.bulk.change(self._current(job.id), header=sheet.header)
        sobject = view.find(job.object)
        if sobject is None:
            raise BadData(f"InvalidJob : Unable to find object: {job.object}")
        load = loading(job, sobject, view.find)
        for rows in _chunks(sheet, job.processed):
            self._take(job, load, rows)
            self._desk.bus.wake()
            await asyncio.sleep(0)

    def _take(self, job: Job, load: Loading, rows: list[list[str]]) -> None:
        desk = self._desk
        started = time.perf_counter()
        with transaction(desk.org.connection):
            now = self._current(job.id)
            work = Work(desk.org, user=job.user, origin=job.origin, api_version=float(job.version))
            saved, refused = load.take(work, rows)
            self._journal.write(
                actor=desk.username(job.user),
                method=METHOD,
                path=f"/services/data/v{job.version}/jobs/ingest/{job.id}",
                status=200,
                mutations=desk.finish(work),
            )
            desk.bulk.write_lines(now, SUCCESSFUL, saved)
            desk.bulk.write_lines(now, UNSUCCESSFUL, refused)
            desk.usage.take_batches(now.processed, now.processed + len(rows))
            desk.bulk.change(
                now,
                processed=now.processed + len(rows),
                failed=now.failed + len(refused),
                spent_ms=_spent(now, started),
            )


def _chunks(sheet: Sheet, skipped: int) -> Iterator[list[list[str]]]:
    rows = islice(sheet.rows, skipped, None)
    while chunk := list(islice(rows, RECORDS_PER_TRANSACTION)):
        yield chunk


def _spent(job: Job, started: float) -> int:
    return job.spent_ms + max(1, round((time.perf_counter() - started) * 1000))


def _words(error: Exception) -> str:
    return f"{error.code} : {error.message}" if isinstance(error, Refusal) else str(error)
