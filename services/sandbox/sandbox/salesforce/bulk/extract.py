"""Reads a query job's records from a snapshot of the org and writes them down as lines."""

import sqlite3
from collections.abc import Iterator

from sandbox.salesforce.bulk.jobs import Job
from sandbox.salesforce.bulk.sheet import line
from sandbox.salesforce.json_text import dump
from sandbox.salesforce.soql.expressions import Typed
from sandbox.salesforce.soql.plan import Output, Plan
from sandbox.salesforce.soql.run import shown
from sandbox.salesforce.soql.statement import statement
from sandbox.salesforce.values import Stored

PIECE = 1000


def header_of(plan: Plan) -> tuple[str, ...]:
    """The columns in the order of the query, parents before a point."""
    return tuple(".".join((*output.parents, output.key)) for output in _outputs(plan))


def extract(job: Job, plan: Plan, snapshot: sqlite3.Connection) -> Iterator[list[str]]:
    """Lines, some at a time, until there are no more."""
    outputs = _outputs(plan)
    sql = statement(plan, every=job.operation == "queryAll")
    rows = snapshot.execute(sql, plan.scope.binding.values)
    while found := rows.fetchmany(PIECE):
        yield [
            line(job, (cell(output.value, row[output.index]) for output in outputs))
            for row in found
        ]


def _outputs(plan: Plan) -> list[Output]:
    return [output for output in plan.outputs if isinstance(output, Output)]


def cell(value: Typed, stored: Stored) -> str:
    """Times end in Z here; null is an empty cell."""
    found = shown(value, stored)
    if found is None:
        return ""
    if not isinstance(found, str):
        return dump(found, pretty=False)
    kind = value.field.type if value.field else value.kind
    return found.replace("+0000", "Z") if kind == "datetime" else found
