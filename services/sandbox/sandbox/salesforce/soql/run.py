"""Runs a query: records with their parents and children, page by page."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import SCALED_TYPES, SObject
from sandbox.salesforce.soql.expressions import Typed
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.plan import ChildPlan, Output, Plan, make_plan
from sandbox.salesforce.soql.statement import filters, order_sql, statement
from sandbox.salesforce.values import Stored, show, show_datetime

Record = dict[str, object]
Child = tuple[str, Record]
"""A child's id, and the child."""
PAGE_MAX = 2000
PAGE_MIN = 200
LOCATORS_MAX = 10
"""The newest a user keeps open."""
LOCATOR_LIFE_S = 2 * 24 * 3600
AGGREGATE_ROWS_MAX = 2000
PLACES_MAX = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, under which version of the API, and how many records a page should hold."""

    org: Org
    user: str
    version: str
    page: int = PAGE_MAX


def run_query(asker: Asker, soql: str, *, every: bool) -> Record:
    """`every` is queryAll: deleted records too."""
    plan = make_plan(asker.org, soql, asker.user, parse(soql))
    if plan.counts_only:
        return _count(plan, every=every)
    if plan.aggregate:
        return _aggregate(plan, every=every)
    sql = statement(plan, every=every, limit=asker.page + 1)
    rows = asker.org.connection.execute(sql, plan.scope.binding.values).fetchall()
    if len(rows) <= asker.page:
        records = _records(asker, plan, rows, every=every)
        return {"totalSize": len(records), "done": True, "records": records}
    return _first_page(asker, soql, rows[: asker.page], every=every)


def run_more(asker: Asker, locator: str, path: str) -> Record:
    """The page at a locator such as 01g…-2000."""
    identifier, _, offset = locator.rpartition("-")
    row = asker.org.connection.execute(
        "SELECT * FROM locator WHERE id = ? AND user = ? AND made >= ?",
        (identifier[:15], asker.user, asker.org.now_s() - LOCATOR_LIFE_S),
    ).fetchone()
    if row is None or not offset.isdigit() or int(offset) > int(row["size"]):
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    ids = json.loads(row["ids"])
    start, every = int(offset), bool(row["every"])
    plan = make_plan(asker.org, row["soql"], asker.user, parse(row["soql"]))
    records = _by_ids(asker, plan, ids[start : start + asker.page], every=every)
    return _page(asker, identifier, records, start, len(ids), path)


def _count(plan: Plan, *, every: bool) -> Record:
    plan.columns = ["count(*)"]
    sql = statement(plan, every=every)
    row = plan.scope.org.connection.execute(sql, plan.scope.binding.values).fetchone()
    count = min(int(row[0]) if row else 0, plan.query.limit or 2**62)
    return {"totalSize": count, "done": True, "records": []}


def _aggregate(plan: Plan, *, every: bool) -> Record:
    sql = statement(plan, every=every, limit=AGGREGATE_ROWS_MAX + 1)
    rows = plan.scope.org.connection.execute(sql, plan.scope.binding.values).fetchall()
    if len(rows) > AGGREGATE_ROWS_MAX:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results"
        raise Refusal("EXCEEDED_ID_LIMIT", message)
    records = []
    for row in rows:
        record: Record = {"attributes": {"type": "AggregateResult"}}
        for output in plan.outputs:
            if isinstance(output, Output):
                record[output.key] = shown(output.value, row[output.index])
        records.append(record)
    return {"totalSize": len(records), "done": True, "records": records}


def _first_page(asker: Asker, soql: str, rows: Sequence[sqlite3.Row], *, every: bool) -> Record:
    """More than a page: keep all ids, so that later pages show the same set."""
    plan = make_plan(asker.org, soql, asker.user, parse(soql))
    narrow = make_plan(asker.org, soql, asker.user, parse(soql))
    found = asker.org.connection.execute(
        statement(narrow, every=every), narrow.scope.binding.values
    )
    ids = [row[narrow.id_index] for row in found]
    locator = _keep_locator(asker, soql, ids, every=every)
    records = _records(asker, plan, rows, every=every)
    return _page(asker, locator, records, 0, len(ids), "query")


def _keep_locator(asker: Asker, soql: str, ids: list[str], *, every: bool) -> str:
    org = asker.org
    identifier = make_id("01g", org.counters.take("id locator"))
    org.connection.execute(
        "INSERT INTO locator (id, user, soql, every, size, ids, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (identifier[:15], asker.user, soql, every, len(ids), json.dumps(ids), org.now_s()),
    )
    org.connection.execute(
        "DELETE FROM locator WHERE user = ? AND id NOT IN"
        " (SELECT id FROM locator WHERE user = ? ORDER BY id DESC LIMIT ?)",
        (asker.user, asker.user, LOCATORS_MAX),
    )
    return identifier


def _page(
    asker: Asker, locator: str, records: list[Record], start: int, size: int, path: str
) -> Record:
    following = start + len(records)
    done = following >= size or not records
    page: Record = {"totalSize": size, "done": done}
    if not done:
        page["nextRecordsUrl"] = f"/services/data/v{asker.version}/{path}/{locator}-{following}"
    page["records"] = records
    return page


def _by_ids(asker: Asker, plan: Plan, ids: list[str], *, every: bool) -> list[Record]:
    """Records that vanished since are left out."""
    wanted = plan.scope.bind(json.dumps(ids))
    sql = (
        f'SELECT {", ".join(plan.columns)} FROM "{plan.sobject.name}" {plan.scope.table}'
        f" {' '.join(plan.scope.join_sql)}"
        f' WHERE {plan.scope.table}."Id" IN (SELECT value FROM json_each({wanted}))'
    )
    rows = asker.org.connection.execute(sql, plan.scope.binding.values).fetchall()
    place = {identifier: at for at, identifier in enumerate(ids)}
    rows.sort(key=lambda row: place[row[plan.id_index]])
    return _records(asker, plan, rows, every=every)


def _records(asker: Asker, plan: Plan, rows: Sequence[sqlite3.Row], *, every: bool) -> list[Record]:
    ids = [row[plan.id_index] for row in rows]
    children = {
        output.key: _children(asker, output.plan, ids, every=every)
        for output in plan.outputs
        if isinstance(output, ChildPlan)
    }
    return [_record(asker, plan, row, children, every=every) for row in rows]


def _record(
    asker: Asker,
    plan: Plan,
    row: sqlite3.Row,
    children: dict[str, dict[str, list[Child]]],
    *,
    every: bool,
) -> Record:
    identifier = row[plan.id_index]
    record: Record = {"attributes": attributes(asker.version, plan.sobject, identifier)}
    for output in plan.outputs:
        if isinstance(output, ChildPlan):
            found = children[output.key].get(identifier)
            record[output.key] = _nested(asker, output.plan, found, every=every) if found else None
            continue
        holder = _holder(asker, plan, row, record, output.parents)
        if holder is not None:
            holder[output.key] = (
                _compound(output, row) if output.parts else shown(output.value, row[output.index])
            )
    return record


def _nested(asker: Asker, plan: Plan, found: list[Child], *, every: bool) -> Record:
    """The children of one record; what does not fit a page has a locator of its own."""
    records = [record for _, record in found]
    if len(found) <= asker.page:
        return {"totalSize": len(found), "done": True, "records": records}
    query, soql = plan.query, plan.scope.soql
    after = query.source.at + len(query.source.text)
    own = f"{soql[query.at : query.source.at]}{plan.sobject.name}{soql[after : query.end]}"
    locator = _keep_locator(asker, own, [identifier for identifier, _ in found], every=every)
    return _page(asker, locator, records[: asker.page], 0, len(found), "query")


def _holder(
    asker: Asker, plan: Plan, row: sqlite3.Row, record: Record, parents: tuple[str, ...]
) -> Record | None:
    """The nested object of a parent path, made on first need; None where there is no parent."""
    holder = record
    for depth in range(1, len(parents) + 1):
        index, sobject = plan.parents[parents[:depth]]
        name = parents[depth - 1]
        if row[index] is None:
            holder[name] = None
            return None
        if name not in holder:
            holder[name] = {"attributes": attributes(asker.version, sobject, row[index])}
        inner = holder[name]
        if not isinstance(inner, dict):
            return None
        holder = inner
    return holder


def _compound(output: Output, row: sqlite3.Row) -> Record | None:
    values = {key: show(part, row[index]) for key, index, part in output.parts}
    return values if any(value is not None for value in values.values()) else None


def _children(
    asker: Asker, plan: Plan, parents: list[str], *, every: bool
) -> dict[str, list[Child]]:
    """Each parent's children, limited and ordered within the parent."""
    if not parents:
        return {}
    owner = plan.columns[-1]
    scope, query = plan.scope, plan.query
    wanted = scope.bind(json.dumps(parents))
    only = f"{owner} IN (SELECT value FROM json_each({wanted}))"
    order = order_sql(plan) or f'{scope.table}."Id"'
    columns = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(plan.columns))
    conditions = filters(plan, every=every, only=only)
    sql = (
        f"SELECT {columns}, row_number() OVER (PARTITION BY {owner} ORDER BY {order}) AS place"
        f' FROM "{plan.sobject.name}" {scope.table} {" ".join(scope.join_sql)}'
        f" WHERE {conditions} ORDER BY place"
    )
    if query.limit is not None or query.offset:
        last = query.offset + (PLACES_MAX if query.limit is None else query.limit)
        sql = f"SELECT * FROM ({sql}) WHERE place > {query.offset} AND place <= {last}"
    rows = asker.org.connection.execute(sql, scope.binding.values).fetchall()
    found: dict[str, list[Child]] = defaultdict(list)
    at = len(plan.columns) - 1
    for row, record in zip(rows, _records(asker, plan, rows, every=every), strict=True):
        found[row[at]].append((row[plan.id_index], record))
    return found


def attributes(version: str, sobject: SObject, identifier: str) -> Record:
    url = f"/services/data/v{version}/sobjects/{sobject.name}/{identifier}"
    return {"type": sobject.name, "url": url}


def shown(value: Typed, stored: Stored | float) -> object:
    """The JSON value of a column, also of one that is no field."""
    if stored is None:
        return None
    if value.real or isinstance(stored, float):
        return Decimal(repr(float(stored)))
    if value.field is not None:
        return show(value.field, stored)
    if value.kind in SCALED_TYPES:
        return Decimal(stored).scaleb(-value.scale)
    if value.kind == "datetime":
        return show_datetime(int(stored))
    return stored
