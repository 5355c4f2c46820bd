"""Takes commands from the log, many at once, and ends each in exactly one outcome."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace

from kernel.codec import Codec
from kernel.errors import PermanentError, RetryableError
from kernel.messages import Coordinates, Outcome, Subject, WriteCommand
from kernel.records import RecordRef
from kernel.verdicts import (
    DETAIL,
    DETAIL_MAX,
    SUPERSEDED,
    Verdict,
    dead,
    outcome_of,
    undecodable,
)
from runtime import names
from runtime.process import Context
from runtime.records import Record
from runtime.sealing import without_erased
from runtime.telemetry import Span
from salesforce_writer.app.attempts import Attempts
from salesforce_writer.app.work import Work
from salesforce_writer.domain.requests import Row, row_of, waves
from salesforce_writer.ports import Outcomes, Seals, WriteLog

TOLD_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """Where the last commands stood whose outcome was sent: a unit that is handled again for one
    command's sake does not tell the others' ends again."""

    _places: OrderedDict[Coordinates, None] = field(default_factory=OrderedDict)

    def __contains__(self, place: Coordinates) -> bool:
        return place in self._places

    def add(self, place: Coordinates) -> None:
        self._places[place] = None
        if len(self._places) > TOLD_MAX:
            self._places.popitem(last=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Every outcome is kept before it is sent, so that a second delivery sends the same one."""

    attempts: Attempts
    log: WriteLog
    outcomes: Outcomes
    seals: Seals
    codec: Codec
    ctx: Context
    told: Told = field(default_factory=Told)

    async def handle(self, records: Sequence[Record]) -> None:
        """RetryableError where some commands have no verdict yet; the others have ended then."""
        works = [
            await self._opened(record) for record in records if record.coordinates not in self.told
        ]
        blocked: dict[RecordRef, RetryableError] = {}
        for wave in waves([work.command.target for work in works]):
            free = [works[at] for at in wave if works[at].command.target not in blocked]
            await self._carry_out(free)
            blocked.update({work.command.target: work.trouble for work in free if work.trouble})
        if blocked:
            raise min(blocked.values(), key=lambda error: error.after_s or 0.0)

    async def broken(self, record: Record, error: Exception) -> None:
        """End what cannot be carried out at all: bytes that say nothing, a fault of ours."""
        try:
            command = self._command(record)
        except PermanentError as why:
            lost = undecodable(record.coordinates, Subject.COMMAND, str(why))
            await self._send([(lost, record.traceparent)])
            return
        work = Work(
            command=command, record=record, row=Row(command=command, key=("", ""), values={})
        )
        work.verdict = dead(command, "UNEXPECTED", told=f"{type(error).__name__}: {error}")
        await self._end([work])
        await self._send([(work.outcome, record.traceparent)] if work.outcome else [])

    def _command(self, record: Record) -> WriteCommand:
        message = self.codec.decode(record.value)
        if not isinstance(message, WriteCommand):
            raise PermanentError(f"{type(message).__name__} is not a command")
        return message

    async def _opened(self, record: Record) -> Work:
        """Before it is begun: what cannot be opened or said has not been begun then."""
        command = self._command(record)
        opened = await self.seals.open_document(command.document)
        row = row_of(command, without_erased(command.document, opened), self.attempts.currency)
        return Work(command=command, record=record, row=row)

    async def _carry_out(self, works: Sequence[Work]) -> None:
        """Commands of different targets, together."""
        if not works:
            return
        with ExitStack() as spans:
            running = [spans.enter_context(self._span(work)) for work in works]
            await self._begin(works)
            await self.attempts.carry_out([work for work in works if work.is_open])
            await self._end(works)
            told = []
            for work, span in zip(works, running, strict=True):
                if work.outcome is not None:
                    span.note(result=work.outcome.result, code=work.outcome.code)
                    told.append((work.outcome, span.traceparent))
            await self._send(told)
        for work in works:
            if work.outcome is not None:
                self.told.add(work.record.coordinates)

    def _span(self, work: Work) -> AbstractContextManager[Span]:
        return self.ctx.telemetry.span(
            names.SPAN_WRITE,
            work.command.event_id,
            work.record.traceparent,
            command=work.command.id,
            target=str(work.command.target),
        )

    async def _begin(self, works: Sequence[Work]) -> None:
        begun_s = self.ctx.clock.monotonic()
        entries = await self.log.begin([work.command for work in works])
        for work, entry in zip(works, entries, strict=True):
            work.entry, work.outcome, work.begun_s = entry, entry.outcome, begun_s
            if work.is_open and entry.newest and entry.newest > work.command.version:
                work.verdict = SUPERSEDED

    async def _end(self, works: Sequence[Work]) -> None:
        """Make verdicts to outcomes and keep them."""
        decided = [work for work in works if work.verdict is not None and work.outcome is None]
        if not decided:
            return
        details = await self._sealed_details(decided)
        now_s = self.ctx.clock.monotonic()
        ended = []
        for work, verdict in zip(decided, details, strict=True):
            outcome = replace(
                outcome_of(work.command, verdict),
                path=tuple(work.steps),
                attempts=work.entry.attempts,
                duration_ms=round((now_s - work.begun_s) * 1000),
            )
            ended.append((work.command, outcome))
        kept = await self.log.end(ended)
        for work, outcome in zip(decided, kept, strict=True):
            work.outcome = outcome

    async def _sealed_details(self, works: Sequence[Work]) -> list[Verdict]:
        """The verdicts, with what Salesforce told sealed under the document it is about."""
        verdicts = [work.verdict for work in works if work.verdict is not None]
        if not any(verdict.told for verdict in verdicts):
            return verdicts
        words = [
            (str(work.command.source), DETAIL, verdict.told[:DETAIL_MAX] or None)
            for work, verdict in zip(works, verdicts, strict=True)
        ]
        sealed = await self.seals.seal(words)
        return [
            replace(verdict, params={**verdict.params, DETAIL: detail}) if detail else verdict
            for verdict, detail in zip(verdicts, sealed, strict=True)
        ]

    async def _send(self, told: Sequence[tuple[Outcome, str | None]]) -> None:
        parents = {outcome.event_id: parent for outcome, parent in told if parent}
        await self.outcomes.send([outcome for outcome, _ in told], parents=parents)
        for outcome, _ in told:
            self.ctx.telemetry.count(
                names.OUTCOMES, subject=outcome.subject, result=outcome.result, code=outcome.code
            )
