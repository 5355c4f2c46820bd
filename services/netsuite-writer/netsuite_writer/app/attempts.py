"""Carries one command out at NetSuite, and finds out what happened where no answer came."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from kernel.messages import Result, WriteCommand
from kernel.records import RecordRef, netsuite
from kernel.topics import NETSUITE_CHANGES
from kernel.values import Document, content_hash
from kernel.verdicts import SUPERSEDED, Verdict, gone, held, stands
from kernel.write_log import Entry
from netsuite_writer.app.turns import Turns
from netsuite_writer.domain.amending import GUARDED_FIELDS
from netsuite_writer.domain.planning import holds, landed, plan_of
from netsuite_writer.domain.procedures import is_void, source_of, starting
from netsuite_writer.domain.readings import document_of, heads_of
from netsuite_writer.domain.replies import Kind, Meaning, ids_of, meaning_of, refusal, several
from netsuite_writer.domain.requests import JsonObject
from netsuite_writer.domain.twins import another_ones, several_twins, twin_of
from netsuite_writer.domain.unapplying import is_unapplying
from netsuite_writer.ports import NetSuite, Reply, Saving, WriteLog
from runtime.process import Context
from runtime.retry import delay_of
from runtime.vendor_settings import Patience

PART = "netsuite"
CUSTOMER = "entity.id"
ORDER = "salesOrder"
LOOK_AGAIN_FIRST_S, LOOK_AGAIN_MOST_S = 1.0, 60.0
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 5.0


@dataclass(slots=True, kw_only=True)
class Work:
    """One command on its way: what is known and what was done, step by step."""

    command: WriteCommand
    opened: Document
    entry: Entry
    begun_s: float
    failures: int = 0
    attempts: int = 0
    trouble: str = ""
    """Why nobody knew how the last attempt ended."""
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.failures, self.attempts = self.entry.failures, self.entry.attempts


def _meets_what_stands(command: WriteCommand) -> bool:
    """Lines are laid over those that stand, and an approved order keeps what it is worth. What
    NetSuite's own change led to may be undone by now: it was read before our last write landed."""
    is_worth = any(name in GUARDED_FIELDS for name in command.document.fields)
    is_order = command.target.kind == ORDER and is_worth
    return bool(command.document.lines) or is_order or command.origin.topic == NETSUITE_CHANGES


class RefusedError(Exception):
    """NetSuite refused to tell a record, and asking again cannot help."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    netsuite: NetSuite
    log: WriteLog
    ctx: Context
    patience: Patience
    dice: random.Random
    turns: Turns = field(default_factory=Turns)

    async def carry_out(self, work: Work) -> Verdict:
        """The verdict on a command that the log has begun.

        RetryableError where the attempt did nothing, with the log knowing that, or where the
        process ends before there is a verdict.
        """
        async with self.turns.of(twin_of(work.command, work.opened)):
            return await self._carried_out(work)

    async def _carried_out(self, work: Work) -> Verdict:
        try:
            record: JsonObject | None = None
            if work.entry.is_leftover:
                work.steps.append("begun before, no end on record")
                record, verdict = await self._settled(work, work.entry.waited_s)
                if verdict:
                    return verdict
                await self._again(work)
            elif self._looks_first(work):
                record = await self._read_first(work)
            return await self._saved(work, record)
        except RefusedError as refused:
            work.steps.append(f"the record is not told: {refused.meaning}")
            return refusal(work.command, refused.meaning)

    def _looks_first(self, work: Work) -> bool:
        """Whether what is sent depends on how the record stands."""
        may_stand = work.entry.was_written and _meets_what_stands(work.command)
        reckons = is_void(work.command) or is_unapplying(work.command)
        has_no_id = work.command.target.mark is not None
        may_be_there = bool(twin_of(work.command, work.opened)) and not work.entry.was_written
        return reckons or may_stand or has_no_id or may_be_there

    async def _read_first(self, work: Work) -> JsonObject | None:
        try:
            return await self._standing(work)
        except RetryableError:
            await self.log.rest(work.command)  # nothing has been sent yet
            raise

    async def _saved(self, work: Work, record: JsonObject | None) -> Verdict:
        """Save until it is known to have worked or to be refused."""
        while True:
            plan = await self._plan(work, record)
            if isinstance(plan, Verdict):
                return plan
            verdict = await self._attempt(work, plan)
            if verdict and plan.is_step and verdict.result is Result.APPLIED:
                record = await self._read(work.command.target)
                continue
            if verdict:
                return verdict
            record, verdict = await self._settled(work, 0.0)
            if verdict:
                return verdict
            work.failures += 1
            if work.failures >= self.patience.failures_max:
                return held(
                    work.command, "TRIED_ENOUGH", attempts=work.failures, detail=work.trouble
                )
            await self._again(work)

    async def _plan(self, work: Work, record: JsonObject | None) -> Saving | Verdict:
        """What to save; a document that starts from another one needs to know that one."""
        start = source_of(work.command)
        if record is not None or start is None:
            return plan_of(work.command, work.opened, record)
        try:
            source = await self._read(start)
        except RetryableError:
            await self.log.rest(work.command)  # nothing is under way
            raise
        if source is None:
            return held(work.command, "SOURCE_GONE", source=str(start))
        return starting(work.command, work.opened, start, source)

    async def _again(self, work: Work) -> None:
        work.attempts += 1
        await self.log.again(work.command, work.failures)
        work.begun_s = self.ctx.clock.monotonic()

    async def _attempt(self, work: Work, saving: Saving) -> Verdict | None:
        """One call. None where nobody knows whether it worked."""
        if await self._is_stale(work) or await self._is_overtaken(work, saving):
            return SUPERSEDED
        try:
            reply = await self.netsuite.save(saving)
        except UnknownOutcomeError as error:
            self._note_unknown(work, str(error))
            return None
        except RetryableError as error:
            self.ctx.health.waiting(PART, str(error))
            await self.log.rest(work.command)
            raise
        except FatalError:
            await self.log.rest(work.command)
            raise
        return await self._verdict(work, reply)

    async def _verdict(self, work: Work, reply: Reply) -> Verdict | None:
        command, meaning = work.command, self._heard(reply)
        match meaning.kind:
            case Kind.DONE:
                return await self._written(work, reply)
            case Kind.BUSY | Kind.AWAY:
                await self.log.rest(command)
                raise self._busy(meaning, reply)
            case Kind.GONE:
                return gone(command)
            case Kind.REFUSED:
                return await self._refused(work, meaning)
            case Kind.EXISTS if await self._read(work.command.target) is None:
                work.steps.append("another record stands in the way")
                return refusal(command, meaning)
        self._note_unknown(work, f"NetSuite answers {meaning}")
        return None

    async def _refused(self, work: Work, meaning: Meaning) -> Verdict:
        """NetSuite refuses an inactive customer in the words of any wrong value; so ask."""
        work.steps.append(f"refused: {meaning}")
        verdict = refusal(work.command, meaning)
        if verdict.code == "VALUE_REFUSED" and verdict.params.get("field") == CUSTOMER:
            customer = netsuite("customer", str(work.command.document.fields[CUSTOMER]))
            told = await self._read(customer, ("isInactive",))
            if told is not None and told.get("isInactive") is True:
                return held(work.command, "CUSTOMER_INACTIVE")
        return verdict

    def _note_unknown(self, work: Work, trouble: str) -> None:
        work.trouble = trouble
        work.steps.append(f"unknown: {trouble}")

    async def _is_stale(self, work: Work) -> bool:
        """Whether a newer version was written since the begin: a process can be frozen between."""
        if self.ctx.clock.monotonic() - work.begun_s < self.patience.fresh_s:
            return False
        newest = await self.log.newest(work.command)
        return newest is not None and newest > work.command.version

    async def _is_overtaken(self, work: Work, saving: Saving) -> bool:
        """Whether a record that was found by a mark was written by its id since: newer."""
        if work.command.target.mark is None or saving.target.external_id:
            return False
        newest = await self.log.newest(replace(work.command, target=saving.target))
        return newest is not None and newest > work.command.version

    async def _written(self, work: Work, reply: Reply) -> Verdict:
        command, read_back = work.command, None
        work.steps.append(f"saved as {reply.record_id}" if reply.record_id else "saved")
        if command.reads_back == ("id",) and reply.record_id:
            read_back = Document({"id": reply.record_id})
        elif command.reads_back:
            marked = command.target.mark is not None and reply.record_id
            target = netsuite(command.target.kind, reply.record_id) if marked else command.target
            record = await self._read(target, heads_of(command.reads_back))
            read_back = document_of(command.reads_back, record or {}, reply.record_id)
        return stands(command, "WRITTEN", reply.record_id, read_back)

    async def _settled(
        self, work: Work, waited_s: float
    ) -> tuple[JsonObject | None, Verdict | None]:
        """Look the record up, at once and until the call can no longer be carried out.

        The record as it stands at last, and the verdict where it holds what was wanted. Where it
        held the same before, that proves nothing while the call may still come.
        """
        command, clock = work.command, self.ctx.clock
        held_before = work.entry.held == content_hash(command.document)
        started_s, gap_s = clock.monotonic(), LOOK_AGAIN_FIRST_S
        ends_s = started_s + self.patience.settle_s - waited_s
        while True:
            record = await self._standing(work)
            left_s = ends_s - clock.monotonic()
            is_so = record is not None and holds(command, work.opened, record)
            if left_s <= 0 or (is_so and not held_before):
                break
            await self._pause(min(gap_s, left_s))
            gap_s = min(gap_s * 2, LOOK_AGAIN_MOST_S)
        self._note_look(work, record, clock.monotonic() - started_s, is_so)
        if record is None or not is_so:
            return record, None
        code = "ALREADY_SO" if held_before else "FOUND_AFTER_UNKNOWN"
        return record, landed(command, record, code)

    def _note_look(
        self, work: Work, record: JsonObject | None, settled_s: float, is_so: bool
    ) -> None:
        if settled_s >= 0.1:
            work.steps.append(f"settled {settled_s:.1f} s")
        target = work.command.target
        by = "mark" if target.mark else "external id" if target.external_id else "id"
        found = "not found" if record is None else f"found {record.get('id', '')}".strip()
        work.steps.append(f"looked up by {by}: {found}")
        if record is not None:
            work.steps.append("all fields equal" if is_so else "not as wanted")

    async def _standing(self, work: Work) -> JsonObject | None:
        """The target, or the one that is the same and is taken over."""
        target, twin = work.command.target, twin_of(work.command, work.opened)
        record = await self._read(target)
        if record is not None or not twin:
            return record
        reply = await self._answer(lambda: self.netsuite.find(target.kind, twin))
        found = ids_of(reply) if reply else ()
        if len(found) > 1:
            raise RefusedError(several_twins(found))
        record = await self._read(netsuite(target.kind, found[0])) if found else None
        if record is not None and (refused := another_ones(target, record)):
            raise RefusedError(refused)
        return record

    async def _read(self, target: RecordRef, fields: tuple[str, ...] = ()) -> JsonObject | None:
        """The record as it stands, None where it does not."""
        if target.mark is not None:
            return await self._read_marked(target, target.mark, fields)
        reply = await self._answer(lambda: self.netsuite.read(target, fields))
        return None if reply is None else reply.body if isinstance(reply.body, dict) else {}

    async def _read_marked(
        self, target: RecordRef, mark: tuple[str, str], fields: tuple[str, ...]
    ) -> JsonObject | None:
        reply = await self._answer(lambda: self.netsuite.find(target.kind, dict([mark])))
        found = ids_of(reply) if reply else ()
        if len(found) > 1:
            raise RefusedError(several(target, found))
        return await self._read(netsuite(target.kind, found[0]), fields) if found else None

    async def _answer(self, call: Callable[[], Awaitable[Reply]]) -> Reply | None:
        """Asks until there is an answer; None where the record does not stand."""
        failures = 0
        while True:
            try:
                reply = await call()
            except RetryableError as error:
                self.ctx.health.waiting(PART, str(error))
                trouble = error
            else:
                meaning = self._heard(reply)
                match meaning.kind:
                    case Kind.DONE:
                        return reply
                    case Kind.GONE:
                        return None
                    case Kind.REFUSED:
                        raise RefusedError(meaning)
                trouble = self._busy(meaning, reply)
            failures += 1
            await self._pause(delay_of(trouble, failures, RETRY_FIRST_S, RETRY_MOST_S, self.dice))

    def _heard(self, reply: Reply) -> Meaning:
        """What the answer means, and what it says about NetSuite as a whole."""
        meaning = meaning_of(reply)
        match meaning.kind:
            case Kind.AWAY:
                self.ctx.health.waiting(PART, f"NetSuite answers {meaning}")
            case Kind.DONE | Kind.GONE | Kind.REFUSED | Kind.EXISTS:
                self.ctx.health.well(PART)
        return meaning

    def _busy(self, meaning: Meaning, reply: Reply) -> RetryableError:
        return RetryableError(f"NetSuite answers {meaning}", after_s=reply.after_s)

    async def _pause(self, seconds: float) -> None:
        """Wait; give the command back when the process shall end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ctx.stop.wait()
        if self.ctx.stop.is_set():
            raise RetryableError("the process ends; the command waits for the next one")
