"""Takes commands from the log and ends each in exactly one outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kernel.codec import Codec
from kernel.errors import PermanentError
from kernel.messages import Outcome, Subject, WriteCommand
from kernel.values import Value
from kernel.verdicts import DETAIL, DETAIL_MAX, SUPERSEDED, Verdict, dead, outcome_of, undecodable
from netsuite_writer.app.attempts import Attempts, Work
from netsuite_writer.domain.addresses import with_short_streets
from netsuite_writer.domain.fields import without
from netsuite_writer.ports import Outcomes, Seals, WriteLog
from runtime import names
from runtime.process import Context
from runtime.records import Record
from runtime.sealing import without_erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Every outcome is kept before it is sent, so that a second delivery sends the same one."""

    attempts: Attempts
    log: WriteLog
    outcomes: Outcomes
    seals: Seals
    codec: Codec
    ctx: Context
    absent: frozenset[str] = frozenset()
    """Fields that this account does not have; what a map writes there is left out."""

    async def handle(self, records: Sequence[Record]) -> None:
        for record in records:
            message = self.codec.decode(record.value)
            if not isinstance(message, WriteCommand):
                raise PermanentError(f"{type(message).__name__} is not a command")
            await self._write(message, record.traceparent)

    async def broken(self, record: Record, error: Exception) -> None:
        """End what cannot be carried out at all: bytes that say nothing, a fault of ours."""
        try:
            message = self.codec.decode(record.value)
        except PermanentError:
            message = None
        if isinstance(message, WriteCommand):
            verdict = dead(message, "UNEXPECTED", told=f"{type(error).__name__}: {error}")
            kept = await self.log.end(message, await self._outcome(message, verdict))
            await self._send(kept, record.traceparent)
        else:
            await self._send(
                undecodable(record.coordinates, Subject.COMMAND, str(error)), record.traceparent
            )

    async def _write(self, command: WriteCommand, traceparent: str | None) -> None:
        span = self.ctx.telemetry.span(
            names.SPAN_WRITE,
            command.event_id,
            traceparent,
            command=command.id,
            target=str(command.target),
        )
        with span as running:
            opened = await self.seals.open_document(command.document)
            opened = without(without_erased(command.document, opened), self.absent)
            opened = with_short_streets(opened)
            begun_s = self.ctx.clock.monotonic()
            entry = await self.log.begin(command)
            work = Work(command=command, opened=opened, entry=entry, begun_s=begun_s)
            outcome = entry.outcome or await self._ended(work)
            running.note(result=outcome.result, code=outcome.code, attempts=outcome.attempts)
            await self._send(outcome, running.traceparent)

    async def _ended(self, work: Work) -> Outcome:
        command, newest, begun_s = work.command, work.entry.newest, work.begun_s
        if newest is not None and newest > command.version:
            verdict = SUPERSEDED
        else:
            verdict = await self.attempts.carry_out(work)
        outcome = replace(
            await self._outcome(command, verdict),
            path=tuple(work.steps),
            attempts=work.attempts,
            duration_ms=round((self.ctx.clock.monotonic() - begun_s) * 1000),
        )
        return await self.log.end(command, outcome)

    async def _outcome(self, command: WriteCommand, verdict: Verdict) -> Outcome:
        if verdict.told:
            subject = str(command.source)
            sealed = await self.seals.seal([(subject, DETAIL, verdict.told[:DETAIL_MAX])])
            params: dict[str, Value] = {**verdict.params, DETAIL: sealed[0]}
            verdict = replace(verdict, params=params)
        return outcome_of(command, verdict)

    async def _send(self, outcome: Outcome, traceparent: str | None) -> None:
        parents = {outcome.event_id: traceparent} if traceparent else {}
        await self.outcomes.send([outcome], parents=parents)
        self.ctx.telemetry.count(
            names.OUTCOMES, subject=outcome.subject, result=outcome.result, code=outcome.code
        )
