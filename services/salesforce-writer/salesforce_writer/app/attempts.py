"""Carries commands out at Salesforce, and finds out what happened where no answer came."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from kernel.values import content_hash
from kernel.verdicts import SUPERSEDED, held, stands
from runtime.process import Context
from runtime.vendor_settings import Patience
from salesforce_writer.app.lists import Lists
from salesforce_writer.app.work import PART, Work
from salesforce_writer.domain.comparing import differences, records_of
from salesforce_writer.domain.readings import document_of
from salesforce_writer.domain.replies import (
    Kind,
    Meaning,
    meaning_of_call,
    meanings_of_records,
    refusal,
    told_records,
)
from salesforce_writer.domain.requests import (
    TAKEN_OVER,
    calls_of,
    queries_of,
    query_before,
    query_of,
    saving_of,
    taking_over,
)
from salesforce_writer.ports import Reply, Salesforce, WriteLog

TAKEN_OVER_MAX = 50
LOOK_AGAIN_FIRST_S, LOOK_AGAIN_MOST_S = 1.0, 60.0
CLOSED_REMEDY = "check SALESFORCE_API_VERSION and that the org may use the API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    salesforce: Salesforce
    log: WriteLog
    ctx: Context
    patience: Patience
    currency: str = ""
    """Of an org that has one."""

    async def carry_out(self, works: Sequence[Work]) -> None:
        """Give each of these begun commands, of different targets, its verdict or its trouble."""
        leftovers = [work for work in works if work.entry.is_leftover and _is_looked_up(work)]
        for work in leftovers:
            work.steps.append("begun before, no end on record")
        await self._look(leftovers, [work.entry.waited_s for work in leftovers])
        await self._refuse_stale([work for work in works if work.is_open])
        await self._take_over([work for work in works if work.is_open and work.row.may_exist])
        await self._remove([work for work in works if work.is_open and work.row.removes])
        lists = Lists(salesforce=self.salesforce, ctx=self.ctx, currency=self.currency)
        await lists.carry_out([work for work in works if work.is_open and work.row.is_list])
        await self.log.rest([work.command for work in works if work.row.is_list and work.trouble])
        for work in works:
            if work.is_open and work.row.foreign:
                self._refuse_currency(work)
        ready = {work.row.command.id: work for work in works if work.is_open}
        for rows in calls_of([work.row for work in ready.values()]):
            await self._call([ready[row.command.id] for row in rows])
        for work in works:
            if work.is_open:  # lost, looked for and not found: the next attempt is a new one
                work.trouble = RetryableError("the call was lost and did nothing")
        await self._read_back([work for work in works if work.verdict is not None])

    async def _refuse_stale(self, works: Sequence[Work]) -> None:
        """Newer versions may have been written since the begin: a process can be frozen between."""
        now_s = self.ctx.clock.monotonic()
        late = [work for work in works if now_s - work.begun_s >= self.patience.fresh_s]
        if not late:
            return
        newest = await self.log.newest([work.command for work in late])
        for work, version in zip(late, newest, strict=True):
            if version is not None and version > work.command.version:
                work.verdict = SUPERSEDED

    def _refuse_currency(self, work: Work) -> None:
        work.verdict = held(
            work.command, "FOREIGN_CURRENCY", value=work.row.foreign, expected=self.currency
        )

    async def _take_over(self, works: Sequence[Work]) -> None:
        """Rows of kinds that people make too are written to what stands already."""
        for at in range(0, len(works), TAKEN_OVER_MAX):
            some = works[at : at + TAKEN_OVER_MAX]
            try:
                reply = await self.salesforce.query(query_before([work.row for work in some]))
            except RetryableError as error:
                self.ctx.health.waiting(PART, str(error))
                self._trouble(some, error)
                continue
            meaning = self._heard(reply)
            if meaning.kind is not Kind.DONE:
                self._trouble(some, self._busy(meaning, reply))
                continue
            for work in some:
                row = taking_over(work.row, told_records(reply))
                if row is None:
                    code = str(work.row.values.get(TAKEN_OVER[work.command.target.kind]))
                    work.verdict = held(work.command, "CODE_TAKEN", value=code)
                else:
                    work.row = row

    async def _remove(self, works: Sequence[Work]) -> None:
        """Removing twice does no harm: what nobody knows the end of is tried again."""
        await self._tell(works, dict.fromkeys(works, ()))
        for work in works:
            if work.is_open and work.found is None:
                work.verdict = stands(work.command, "ALREADY_GONE", "", None)
        there = [work for work in works if work.is_open]
        if not there:
            return
        try:
            reply = await self.salesforce.remove([str((w.found or {})["Id"]) for w in there])
        except RetryableError as error:
            return await self._did_nothing(there, RetryableError(str(error)))
        meaning, results = self._heard(reply), meanings_of_records(reply, len(there))
        if meaning.kind is not Kind.DONE or results is None:
            return await self._did_nothing(there, self._busy(meaning, reply))
        for work, result in zip(there, results, strict=True):
            await self._judge_removal(work, result)
        return None

    async def _judge_removal(self, work: Work, meaning: Meaning) -> None:
        match meaning.kind:
            case Kind.DONE:
                work.steps.append(f"removed {meaning.record_id}")
                work.verdict = stands(work.command, "REMOVED", meaning.record_id, None)
            case Kind.GONE:
                work.verdict = stands(work.command, "ALREADY_GONE", "", None)
            case Kind.REFUSED:
                self._refuse(work, meaning)
            case _:
                await self._did_nothing([work], RetryableError("Salesforce could not remove it"))

    async def _call(self, works: Sequence[Work]) -> None:
        """One call for the rows of these works."""
        try:
            reply = await self.salesforce.save(saving_of([work.row for work in works]))
        except UnknownOutcomeError as error:
            return await self._unknown(works, str(error))
        except RetryableError as error:
            self.ctx.health.waiting(PART, str(error))
            return await self._did_nothing(works, error)
        except FatalError:
            await self.log.rest([work.command for work in works])
            raise
        await self._judge(works, reply)

    async def _judge(self, works: Sequence[Work], reply: Reply) -> None:
        meaning = self._heard(reply)
        match meaning.kind:
            case Kind.DONE:
                await self._judge_each(works, reply)
            case Kind.BUSY | Kind.AWAY:
                await self._did_nothing(works, self._busy(meaning, reply))
            case Kind.UNKNOWN:
                await self._unknown(works, f"Salesforce answers {meaning}")
            case Kind.CLOSED:
                await self.log.rest([work.command for work in works])
                raise FatalError(f"Salesforce answers {meaning}: {CLOSED_REMEDY}")
            case Kind.GONE | Kind.REFUSED if len(works) == 1:
                self._refuse(works[0], meaning)
            case Kind.GONE | Kind.REFUSED:
                # refused as a whole for the sake of one: nothing was written
                half = len(works) // 2
                await self._call(works[:half])
                await self._call(works[half:])

    async def _judge_each(self, works: Sequence[Work], reply: Reply) -> None:
        meanings = meanings_of_records(reply, len(works))
        if meanings is None:
            return await self._unknown(works, "Salesforce's answer does not fit the call")
        busy: list[Work] = []
        lost: list[Work] = []
        for work, meaning in zip(works, meanings, strict=True):
            match meaning.kind:
                case Kind.DONE:
                    work.steps.append(f"saved as {meaning.record_id}")
                    work.verdict = stands(work.command, "WRITTEN", meaning.record_id, None)
                case Kind.BUSY | Kind.AWAY | Kind.CLOSED:
                    busy.append(work)
                case Kind.UNKNOWN:
                    lost.append(work)
                case Kind.GONE | Kind.REFUSED:
                    self._refuse(work, meaning)
        await self._did_nothing(busy, RetryableError("Salesforce could not lock the record"))
        await self._unknown(lost, "Salesforce met an error of its own")
        return None

    def _refuse(self, work: Work, meaning: Meaning) -> None:
        work.steps.append(f"refused: {meaning}")
        work.verdict = refusal(work.command, meaning)

    async def _did_nothing(self, works: Sequence[Work], error: RetryableError) -> None:
        if not works:
            return
        await self.log.rest([work.command for work in works])
        for work in works:
            work.trouble = error

    async def _unknown(self, works: Sequence[Work], why: str) -> None:
        for work in works:
            work.steps.append(f"unknown: {why}")
        await self._look(works, [0.0 for _ in works])

    async def _look(self, works: Sequence[Work], waited: Sequence[float]) -> None:
        """Look up what nobody knows the end of: those that landed get their verdict, those that
        still may land their trouble, those that cannot any more are left to be tried again."""
        fields = {work: (*work.row.values, *work.command.reads_back) for work in works}
        await self._tell(works, fields)
        again: list[Work] = []
        for work, waited_s in zip(works, waited, strict=True):
            if not work.is_open:
                continue
            if self._landed(work, waited_s):
                continue
            if waited_s < self.patience.settle_s:
                gap_s = min(max(waited_s, LOOK_AGAIN_FIRST_S), LOOK_AGAIN_MOST_S)
                left_s = min(gap_s, self.patience.settle_s - waited_s)
                work.trouble = RetryableError("waits for a lost call to settle", after_s=left_s)
            elif work.entry.failures + 1 >= self.patience.failures_max:
                attempts = work.entry.failures + 1
                why = "no answer, and nothing was written"
                work.verdict = held(work.command, "TRIED_ENOUGH", attempts=attempts, detail=why)
            else:
                again.append(work)
        if again:
            await self.log.again([(work.command, work.entry.failures + 1) for work in again])
            for work in again:
                work.begun_s = self.ctx.clock.monotonic()

    def _landed(self, work: Work, waited_s: float) -> bool:
        """Whether the record holds what is wanted. Where it held the same before, that proves
        nothing while the call may still come."""
        found = "not found" if work.found is None else "found"
        is_so = work.found is not None and not differences(work.row.values, work.found)
        held_before = work.entry.held == content_hash(work.command.document)
        if waited_s >= 0.1:
            work.steps.append(f"settled {waited_s:.1f} s")
        work.steps.append(f"looked up: {found}{', all fields equal' if is_so else ''}")
        if work.found is None or not is_so or (held_before and waited_s < self.patience.settle_s):
            return False
        code = "ALREADY_SO" if held_before else "FOUND_AFTER_UNKNOWN"
        work.verdict = stands(work.command, code, str(work.found.get("Id", "")), None)
        return True

    async def _read_back(self, works: Sequence[Work]) -> None:
        """Add what was asked to be read back to the verdicts of those that were written."""
        asking = [
            work
            for work in works
            if work.command.reads_back and work.verdict and work.verdict.record_id
        ]
        unread = [work for work in asking if work.found is None]
        await self._tell(unread, {work: work.command.reads_back for work in unread})
        for work in asking:
            if work.verdict and work.verdict.record_id and work.trouble is None:
                told = document_of(work.command.reads_back, work.found or {})
                code, record_id = work.verdict.code, work.verdict.record_id
                work.verdict = stands(work.command, code, record_id, told)

    async def _tell(self, works: Sequence[Work], fields: dict[Work, tuple[str, ...]]) -> None:
        """Set `found` of each, or its verdict or trouble where Salesforce does not tell."""
        by_command = {work.command.id: work for work in works}
        for rows in queries_of([work.row for work in works]):
            await self._ask([by_command[row.command.id] for row in rows], fields)

    async def _ask(self, works: Sequence[Work], fields: dict[Work, tuple[str, ...]]) -> None:
        rows = [work.row for work in works]
        names = [name for work in works for name in fields[work]]
        try:
            reply = await self.salesforce.query(query_of(rows, names))
        except RetryableError as error:
            self.ctx.health.waiting(PART, str(error))
            return self._trouble(works, error)
        meaning = self._heard(reply)
        match meaning.kind:
            case Kind.DONE:
                for work, record in zip(works, records_of(rows, told_records(reply)), strict=True):
                    work.found = record
            case Kind.GONE | Kind.REFUSED if len(works) == 1:
                self._refuse(works[0], meaning)
            case Kind.GONE | Kind.REFUSED:
                half = len(works) // 2
                await self._ask(works[:half], fields)
                await self._ask(works[half:], fields)
            case _:
                self._trouble(works, self._busy(meaning, reply))
        return None

    def _trouble(self, works: Sequence[Work], error: RetryableError) -> None:
        for work in works:
            work.trouble = RetryableError(str(error), after_s=error.after_s)
            work.verdict = None

    def _heard(self, reply: Reply) -> Meaning:
        """What the answer means, and what it says about Salesforce as a whole."""
        meaning = meaning_of_call(reply)
        match meaning.kind:
            case Kind.AWAY:
                self.ctx.health.waiting(PART, f"Salesforce answers {meaning}")
            case Kind.DONE | Kind.GONE | Kind.REFUSED:
                self.ctx.health.well(PART)
        return meaning

    def _busy(self, meaning: Meaning, reply: Reply) -> RetryableError:
        return RetryableError(f"Salesforce answers {meaning}", after_s=reply.after_s)


def _is_looked_up(work: Work) -> bool:
    """What does no harm the second time is done again at once."""
    return not (work.row.removes or work.row.is_list)
