"""Judges accounts in processes of their own, each reading the workbook beside its writer."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

from kernel.maps.filters import Condition, Filter, filter_of
from transform.adapters.adopting.secrecy import Secrecy
from transform.adapters.adopting.workbook import SqliteWorkbook
from transform.adopting.ports import Texts
from transform.domain.adopting.judging import proposed
from transform.domain.adopting.proposals import Proposal

CHUNK = 1_000
Rule = tuple[str, str, Condition]
"""A filter without the function that was made of it, which cannot leave its process."""


class JudgingProcesses:
    """`processes` at once; each page of accounts is shared out among them."""

    def __init__(
        self, path: Path, secrecy: Secrecy, filters: Sequence[Filter], processes: int
    ) -> None:
        self._path, self._secrecy = path, secrecy
        self._rules = [(rule.name, rule.purpose, rule.when) for rule in filters]
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))

    async def judged(self, rows: Sequence[Texts]) -> Sequence[Proposal]:
        loop = asyncio.get_running_loop()
        shared_out = [
            loop.run_in_executor(
                self._pool, judge_rows, self._path, self._secrecy, self._rules, chunk
            )
            for chunk in (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))
        ]
        found = await asyncio.gather(*shared_out)
        return [proposal for some in found for proposal in some]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def judge_rows(
    path: Path, secrecy: Secrecy, rules: Sequence[Rule], rows: Sequence[Texts]
) -> list[Proposal]:
    filters = [filter_of(name, purpose, when) for name, purpose, when in rules]
    with closing(SqliteWorkbook(path, secrecy, reads_only=True)) as known:
        return [proposed(row, filters, known) for row in rows]
