"""The state of transform in PostgreSQL: links, changes, commands, applied values, the outbox."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from kernel.codec import Codec
from kernel.messages import Alert, Message, Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from kernel.values import value_hash
from runtime.database import Pool, translated
from transform.adapters import credits, entries, reviews, statements
from transform.adapters.alerts import clear_alerts, put_alerts
from transform.adapters.batches import Batch, Written, write
from transform.adapters.progress import late_causes
from transform.adapters.queries import CAUSE_COLUMNS, Connection, cause_of, facts_of
from transform.adapters.rate_tables import put_uses, with_spans
from transform.domain import notices
from transform.domain.decisions import Decision, kept_refs
from transform.domain.endings import (
    STOPPED,
    ChangeState,
    Conclusion,
    Ending,
    refuses_a_record,
)
from transform.domain.facts import Cause, Facts, Wanted
from transform.domain.refunds.credits import is_step, request_of_step
from transform.domain.refunds.telling import undoes
from transform.domain.reviews import Review, Ruling
from transform.domain.vanished import deals_named
from transform.ports import Conclude, Due, Parents, Say, Stored

WAITING = f"""
    SELECT {CAUSE_COLUMNS} FROM transform.changes
    WHERE state = 'parked' AND waits_on = ANY(%s) AND waits_on <> ref ORDER BY ref, major, minor
"""
AWAITED = """
    SELECT DISTINCT waits_on FROM transform.changes WHERE state = 'parked' AND waits_on <> ref
"""
STILL_PARKED = """
    SELECT event_id::text FROM transform.changes
    WHERE event_id = ANY(%s::uuid[]) AND state = 'parked' ORDER BY event_id FOR UPDATE
"""
CHANGES_OF = f"""
    SELECT {CAUSE_COLUMNS}, state FROM transform.changes
    WHERE event_id = ANY(%s::uuid[]) ORDER BY event_id FOR UPDATE
"""
COMMANDS_OF = """
    SELECT command_id::text, event_id::text, part, result, body FROM transform.commands
    WHERE event_id = ANY(%s::uuid[])
"""
OUTBOX_OF = """
    SELECT number, body, parent FROM transform.outbox WHERE owner = %s ORDER BY number
"""
SENT = """
    WITH asynchronous AS MATERIALIZED (
        SELECT set_config('synchronous_commit', 'off', true) AS now)
    DELETE FROM transform.outbox USING asynchronous
    WHERE number = ANY(%s) AND asynchronous.now = 'off'
"""


WRITTEN_ALWAYS = frozenset({"case", "commands", "outcome", "keeps", "seen"})
"""What of a decision every batch writes; all else is rare and takes statements of its own."""
RARE = attrgetter(*[part.name for part in fields(Decision) if part.name not in WRITTEN_ALWAYS])


@dataclass(frozen=True, slots=True)
class _CommandRow:
    command_id: str
    event_id: str
    part: str
    result: str
    body: bytes | None


class PostgresState:
    """`owner` names this instance: what it stored and did not send is its own to send."""

    def __init__(self, pool: Pool, codec: Codec, owner: str) -> None:
        self._pool = pool
        self._codec = codec
        self._owner = owner

    async def facts(self, wanted: Wanted) -> Facts:
        async with self._connection() as connection:
            return await facts_of(connection, wanted, self._codec)

    async def store(self, decisions: Sequence[Decision], parents: Parents) -> Stored:
        async with self._connection() as connection:
            if all(map(_is_plain, decisions)):
                written = await self._write(connection, _decided(decisions), parents)
                return Stored(due=await written.due())
            async with _transaction(connection):
                standing = await _still_standing(connection, decisions)
                refused = await self._refused(connection, standing)
                kept = [d for d in standing if d.case.change.id not in refused]
                await _put_decisions(connection, kept, self._codec)
                written = await self._write(connection, _decided(kept), parents)
                besides = await self._besides(connection, kept, parents)
            due = await written.due()
        return Stored(due=(*due, *besides), refused=refused)

    async def conclude(
        self, outcomes: Sequence[Outcome], conclude: Conclude, parents: Parents
    ) -> tuple[Due, ...]:
        async with self._connection() as connection:
            async with _transaction(connection):
                endings = await self._endings(connection, outcomes)
                if not endings:
                    return ()
                ends = {ref for e in endings for ref in (e.command.source, e.command.target)}
                await statements.lock(connection, ends, shared=False)
                facts = await facts_of(connection, _wanted_by(endings), self._codec)
                conclusions = conclude(endings, facts)
                await _put_conclusions(connection, conclusions, self._codec)
                written = await self._write(connection, _concluded(conclusions), parents)
                forgets = [c.forgets for c in conclusions if c.forgets]
                await statements.forget_applied(connection, forgets)
            return await written.due()

    async def releasable(self, refs: Collection[RecordRef]) -> Sequence[Cause]:
        async with self._connection() as connection:
            spans = await with_spans(connection, refs)
            return [cause_of(row) for row in await statements.waiting_on_holding(connection, spans)]

    async def say_late(self, after_s: float, say: Say) -> tuple[Due, ...]:
        shown = value_hash(notices.IN_PROGRESS)
        async with self._connection() as connection, _transaction(connection):
            causes = await late_causes(connection, after_s, self._codec, shown)
            said = list({cause.ref: say(cause) for cause in causes}.values())
            if not said:
                return ()
            known = {key: digest for one in said for key, digest in notices.shown_by(one).items()}
            batch = Batch(applied=known, commands=said, messages=said)
            return await (await self._write(connection, batch, {})).due()

    async def rule(self, ruling: Ruling) -> Review | None:
        async with self._connection() as connection, _transaction(connection):
            await reviews.rule(connection, ruling)
            return await reviews.named(connection, ruling.review)

    async def waiting(self, refs: Collection[RecordRef]) -> Sequence[Cause]:
        async with self._connection() as connection:
            cursor = await connection.execute(WAITING, [[str(ref) for ref in refs]])
            return [cause_of(row) for row in await cursor.fetchall()]

    async def awaited(self) -> frozenset[RecordRef]:
        async with self._connection() as connection:
            cursor = await connection.execute(AWAITED)
            return frozenset(RecordRef.parse(row[0]) for row in await cursor.fetchall())

    async def due(self) -> Sequence[Due]:
        async with self._connection() as connection:
            cursor = await connection.execute(OUTBOX_OF, [self._owner])
            rows = await cursor.fetchall()
        return [
            Due(number=number, message=self._codec.decode(body), body=body, parent=parent)
            for number, body, parent in rows
        ]

    async def sent(self, due: Sequence[Due]) -> None:
        """Losing this to a crash of the database sends them once more, which does no harm: it
        need not wait for the disk."""
        async with self._connection() as connection:
            await connection.execute(SENT, [[item.number for item in due]])

    async def _refused(
        self, connection: Connection, decisions: Sequence[Decision]
    ) -> frozenset[str]:
        """Changes whose facts moved between the reading and now."""
        waits = {ref: d.case.change.id for d in decisions if (ref := _waits_on(d))}
        holds = {ref for decision in decisions for ref in _makes_hold(decision)}
        holds |= {credit.billed for decision in decisions for credit in decision.credits}
        await statements.lock(connection, holds, shared=False)
        await statements.lock(connection, waits.keys() - holds, shared=True)
        reserved = await statements.reserve(connection, decisions)
        holding = await statements.holding(connection, list(waits))
        over = {d.case.change.id for d in decisions if str(_waits_on(d)) in holding}
        refused = reserved.taken | over
        left = [d for d in decisions if d.case.change.id not in refused]
        refused |= await entries.enter(connection, left, self._codec)
        left = [d for d in left if d.case.change.id not in refused]
        refused |= await credits.put_credits(connection, left)
        await statements.unreserve(connection, reserved, refused)
        return refused

    async def _endings(
        self, connection: Connection, outcomes: Sequence[Outcome]
    ) -> Sequence[Ending]:
        """The outcomes that end a command of ours which was still under way."""
        events = sorted({outcome.event_id for outcome in outcomes})
        held = await connection.execute(CHANGES_OF, [events])
        found_commands = await connection.execute(COMMANDS_OF, [events])
        changes, rows = await held.fetchall(), await found_commands.fetchall()
        commands = [_CommandRow(*row) for row in rows]
        by_event = {row[0]: (cause_of(row[:-1]), ChangeState(row[-1])) for row in changes}
        found = []
        for outcome in outcomes:
            own = next((c for c in commands if c.command_id == outcome.command_id), None)
            if own is None or own.body is None or outcome.event_id not in by_event:
                continue
            siblings = [c for c in commands if c.event_id == own.event_id and c is not own]
            found.append(self._ending(outcome, own, siblings, *by_event[outcome.event_id]))
        return [await _with_waiting(connection, ending) for ending in found]

    def _ending(
        self,
        outcome: Outcome,
        own: _CommandRow,
        siblings: Sequence[_CommandRow],
        cause: Cause,
        state: ChangeState,
    ) -> Ending:
        command = self._codec.decode(own.body)
        assert isinstance(command, WriteCommand)
        counted = [sibling for sibling in siblings if sibling.part != notices.PART]
        return Ending(
            outcome=outcome,
            command=command,
            cause=cause,
            state=state,
            open_siblings=sum(1 for sibling in counted if not sibling.result),
            sibling_results=frozenset(Result(s.result) for s in counted if s.result),
        )

    async def _besides(
        self, connection: Connection, decisions: Sequence[Decision], parents: Parents
    ) -> tuple[Due, ...]:
        """What is to be told of others: changes that are overtaken, alerts."""
        closes = [outcome for decision in decisions for outcome in decision.closes]
        messages: list[Message] = [*await statements.close(connection, closes)]
        messages += await _put_alerts(connection, decisions, self._codec)
        if not messages:
            return ()
        written = await self._write(connection, Batch(messages=messages), parents)
        return await written.due()

    async def _write(self, connection: Connection, batch: Batch, parents: Parents) -> Written:
        return await write(connection, batch, self._codec, owner=self._owner, parents=parents)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with translated(), self._pool.connection() as connection:
            yield connection


@asynccontextmanager
async def _transaction(connection: Connection) -> AsyncIterator[None]:
    """Statements travel together and wait only where their result is looked at."""
    async with connection.pipeline(), connection.transaction():
        yield


async def _with_waiting(connection: Connection, ending: Ending) -> Ending:
    """Who else waits for a record matters only where it was refused, which is rare."""
    if not refuses_a_record(ending.outcome, ending.command):
        return ending
    cursor = await connection.execute(WAITING, [[str(ending.command.source)]])
    causes = [cause_of(row) for row in await cursor.fetchall()]
    others = tuple(cause for cause in causes if cause.event_id != ending.cause.event_id)
    return replace(ending, waiting=others)


async def _still_standing(
    connection: Connection, decisions: Sequence[Decision]
) -> Sequence[Decision]:
    """All but the releases of changes that ended meanwhile."""
    released = [d.case.change.id for d in decisions if d.case.round]
    if not released:
        return decisions
    cursor = await connection.execute(STILL_PARKED, [released])
    parked = {row[0] for row in await cursor.fetchall()}
    return [d for d in decisions if not d.case.round or d.case.change.id in parked]


async def _put_decisions(
    connection: Connection, decisions: Sequence[Decision], codec: Codec
) -> None:
    """All but what every batch writes."""
    await statements.put_unlinks(connection, [ref for d in decisions for ref in d.unlinks])
    await statements.put_links(connection, [link for d in decisions for link in d.links])
    await credits.forget(connection, [step for d in decisions for step in d.uncredits])
    await credits.void(connection, [step for d in decisions for step in d.voids])
    await statements.forget_applied(connection, [ref for d in decisions for ref in d.forgets])
    await statements.put_references(connection, [r for d in decisions for r in d.references])
    await reviews.put(connection, [r for d in decisions for r in d.reviews], codec)
    await reviews.merged(connection, [review for d in decisions for review in d.merged])
    await put_uses(connection, [d.rate_use for d in decisions if d.rate_use])


def _is_plain(decision: Decision) -> bool:
    """Whether all that it writes is what every batch writes: nobody else's work can meet it."""
    is_met = decision.case.round or _waits_on(decision) or _makes_hold(decision)
    return not is_met and not any(RARE(decision))


def _decided(decisions: Sequence[Decision]) -> Batch:
    changes = [decision.case.change for decision in decisions]
    return Batch(
        documents=changes,
        kept=[decision.case for decision in decisions if decision.keeps],
        applied={key: digest for d in decisions for key, digest in d.seen.items()},
        changes=[(d.case.cause, state_after(d.outcome), d.outcome) for d in decisions],
        commands=[command for decision in decisions for command in decision.commands],
        messages=[message for decision in decisions for message in _messages(decision)],
    )


async def _put_conclusions(
    connection: Connection, conclusions: Sequence[Conclusion], codec: Codec
) -> None:
    """All but what every batch writes."""
    await statements.put_links(connection, [c.link for c in conclusions if c.link])
    refusals = [c.refusal for c in conclusions if c.refusal]
    await statements.put_refusals(connection, refusals, codec)
    await credits.void(connection, [c.voided for c in conclusions if c.voided])
    written = [(c.ending.command, c.applied) for c in conclusions]
    await statements.put_written(connection, written)


def _concluded(conclusions: Sequence[Conclusion]) -> Batch:
    outcomes = [conclusion.ending.outcome for conclusion in conclusions]
    return Batch(
        applied={key: digest for c in conclusions for key, digest in c.seen.items()},
        changes=[
            (c.ending.cause, state_after(c.outcome), c.outcome) for c in conclusions if c.outcome
        ],
        ended=[(outcome.command_id, outcome.result) for outcome in outcomes],
        commands=[c.follow_up for c in conclusions if c.follow_up],
        messages=[message for c in conclusions for message in _said(c)],
    )


def state_after(outcome: Outcome | None) -> ChangeState:
    if outcome is None:
        return ChangeState.OPEN
    return ChangeState.ENDED if outcome.result.is_final else ChangeState.PARKED


def _waits_on(decision: Decision) -> RecordRef | None:
    """What must come to hold first; a change that waits for a newer version of its own document
    waits on nothing that could hold already."""
    waits_on = decision.outcome.waits_on if decision.outcome else None
    return waits_on if waits_on != decision.case.change.ref else None


def _makes_hold(decision: Decision) -> list[RecordRef]:
    """What others may wait on and this decision brings about."""
    keys = [name for reference in decision.references for name in reference.names]
    linked = [link.source for link in (*decision.links, *decision.reserves) if link.netsuite_id]
    return [*linked, *keys, *kept_refs(decision)]


async def _put_alerts(
    connection: Connection, decisions: Sequence[Decision], codec: Codec
) -> tuple[Alert, ...]:
    raised = [alert for decision in decisions for alert in decision.raises]
    cleared = {subject for decision in decisions for subject in decision.clears}
    return (
        *await put_alerts(connection, raised, codec),
        *await clear_alerts(connection, cleared, codec),
    )


def _messages(decision: Decision) -> list[Message]:
    outcome = [decision.outcome] if decision.outcome else []
    return [*decision.commands, *outcome]


def _commands(conclusion: Conclusion) -> list[WriteCommand]:
    follow_up = [conclusion.follow_up] if conclusion.follow_up else []
    return [*follow_up, *conclusion.notices]


def _said(conclusion: Conclusion) -> list[Message]:
    outcome = [conclusion.outcome] if conclusion.outcome else []
    return [*_commands(conclusion), *outcome, *conclusion.others]


def _wanted_by(endings: Sequence[Ending]) -> Wanted:
    sources = frozenset(ending.command.source for ending in endings)
    waiting = {cause.ref for ending in endings for cause in ending.waiting}
    targets = sources | {ending.cause.ref for ending in endings} | waiting
    steps = {request_of_step(source) for source in sources if is_step(source)}
    stopped = {ending.cause.ref for ending in endings if ending.outcome.result in STOPPED}
    undone = {ending.command.target for ending in endings if undoes(ending.command)}
    told = {ending.command.source for ending in endings if ending.outcome.read_back is not None}
    named = {deal for e in endings for _, deal in deals_named(e.outcome, e.command)}
    last = {e.cause.ref for e in endings if e.command.target.system is System.SALESFORCE}
    return Wanted(
        documents=frozenset(stopped | told | last | undone),
        links=sources,
        targets=targets | steps | named,
        credits=frozenset(steps),
    )
