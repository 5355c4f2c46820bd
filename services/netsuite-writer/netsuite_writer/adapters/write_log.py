"""The write log for a writer that takes one command at a time."""

from kernel.messages import Outcome, Version, WriteCommand
from kernel.write_log import Entry
from runtime.write_log import PostgresWriteLog


class SingleWriteLog:
    def __init__(self, log: PostgresWriteLog) -> None:
        self._log = log

    async def begin(self, command: WriteCommand) -> Entry:
        [entry] = await self._log.begin([command])
        return entry

    async def again(self, command: WriteCommand, failures: int) -> None:
        await self._log.again([(command, failures)])

    async def rest(self, command: WriteCommand) -> None:
        await self._log.rest([command])

    async def newest(self, command: WriteCommand) -> Version | None:
        [version] = await self._log.newest([command])
        return version

    async def end(self, command: WriteCommand, outcome: Outcome) -> Outcome:
        [kept] = await self._log.end([(command, outcome)])
        return kept
