"""A plan as one SQL statement: filters, groups, groups of groups, order and limits."""

from itertools import combinations

from sandbox.salesforce.schema import ID_TYPES
from sandbox.salesforce.soql.conditions import check_where, condition_sql
from sandbox.salesforce.soql.expressions import is_aggregate, typed
from sandbox.salesforce.soql.plan import Plan, add_grouping, is_grouping, scope_of
from sandbox.salesforce.soql.scope import Scope, source_object
from sandbox.salesforce.soql.tree import Order, Path, Query

SCOPES_OF_MINE = frozenset({"mine", "mineandmygroups", "mine_and_my_groups", "team"})
SCOPES = SCOPES_OF_MINE | {"", "everything", "delegated", "my_territory", "my_team_territory"}


def statement(plan: Plan, *, every: bool, only: str = "", limit: int | None = None) -> str:
    """The whole SELECT. `every` takes deleted rows too, `only` is one more condition."""
    query, scope = plan.query, plan.scope
    if query.grouping:
        return grouped_statement(plan, every=every, limit=limit)
    conditions = filters(plan, every=every, only=only)
    group = ", ".join(typed(scope, expression).sql for expression in query.group_by)
    having = condition_sql(scope, query.having, subselect) if query.having else ""
    order = order_sql(plan)
    columns = ", ".join(plan.columns) or "1"
    sql = f'SELECT {columns} FROM "{scope.sobject.name}" {scope.table} {" ".join(scope.join_sql)}'
    sql += f" WHERE {conditions}" if conditions else ""
    sql += f" GROUP BY {group}" if group else ""
    sql += f" HAVING {having}" if having else ""
    sql += f" ORDER BY {order}" if order else ""
    return sql + limit_sql(plan, limit)


def filters(plan: Plan, *, every: bool, only: str = "") -> str:
    scope, query = plan.scope, plan.query
    parts = [only] if only else []
    if scope.sobject.has("IsDeleted") and not every and not query.all_rows:
        parts.append(f'{scope.table}."IsDeleted" = 0')
    if query.scope not in SCOPES:
        message = f"invalid scope: {query.scope}"
        raise scope.refuse(query.at, "MALFORMED_QUERY", message)
    if query.scope in SCOPES_OF_MINE and scope.sobject.has("OwnerId"):
        parts.append(f'{scope.table}."OwnerId" = {scope.bind(scope.user)}')
    if query.where is not None:
        check_where(scope, query.where)
        parts.append(condition_sql(scope, query.where, subselect))
    return " AND ".join(parts)


def subselect(query: Query, outer: Scope) -> str:
    """A query inside IN: one column of another object."""
    sobject = source_object(outer.org, outer.soql, outer.user, query.source)
    if sobject.name == outer.sobject.name:
        message = "The inner and outer selects should not be on the same object type"
        raise outer.refuse(query.at, "MALFORMED_QUERY", message)
    scope = scope_of(outer.org, outer.soql, outer.user, sobject, query, outer.binding)
    expression = query.items[0].expression
    if len(query.items) != 1 or not isinstance(expression, Path):
        message = "only one selected column is allowed in a nested query"
        raise outer.refuse(query.at, "MALFORMED_QUERY", message)
    if typed(scope, expression).kind not in ID_TYPES:
        message = (
            f"The selected field '{expression.text}' in the subquery must be an ID or reference"
        )
        raise outer.refuse(expression.at, "MALFORMED_QUERY", message)
    plan = Plan(scope, query, columns=[typed(scope, expression).sql])
    return statement(plan, every=False)


def order_sql(plan: Plan) -> str:
    """Rows that are equal by the order asked for stand in the order they were written."""
    orders = [_order(plan.scope, order, aggregate=plan.aggregate) for order in plan.query.order_by]
    if orders and not plan.aggregate:
        orders.append(f"{plan.scope.table}._version")
    return ", ".join(orders)


def _order(scope: Scope, order: Order, *, aggregate: bool) -> str:
    value = typed(scope, order.expression)
    if value.field is not None and (value.field.long_text or not value.field.stored):
        message = f"field '{value.field.name}' can not be sorted in a query call"
        raise scope.refuse(order.expression.at, "MALFORMED_QUERY", message)
    if not aggregate and is_aggregate(order.expression):
        message = "aggregate functions can only order a query that groups"
        raise scope.refuse(order.expression.at, "MALFORMED_QUERY", message)
    if is_grouping(order.expression):
        message = "GROUPING needs GROUP BY ROLLUP or GROUP BY CUBE"
        raise scope.refuse(order.expression.at, "MALFORMED_QUERY", message)
    direction = "DESC" if order.descending else "ASC"
    return f"{value.sql} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}"


def limit_sql(plan: Plan, limit: int | None) -> str:
    wanted = [count for count in (plan.query.limit, limit) if count is not None]
    if not wanted and not plan.query.offset:
        return ""
    return f" LIMIT {min(wanted) if wanted else -1} OFFSET {plan.query.offset}"


def grouped_statement(plan: Plan, *, every: bool, limit: int | None) -> str:
    """ROLLUP and CUBE: one SELECT for each set of groups, and the order over all of them."""
    query, scope = plan.query, plan.scope
    groups = [typed(scope, expression).sql for expression in query.group_by]
    orders = [_order_of_groups(plan, order) for order in query.order_by] or [
        f"c{_place(plan, sql)} NULLS LAST" for sql in groups
    ]
    conditions = filters(plan, every=every)
    having = condition_sql(scope, query.having, subselect) if query.having else ""
    parts = []
    for kept in grouping_sets(query.grouping, groups):
        columns = [
            _grouped_column(plan, at, set(groups) - set(kept)) for at in range(len(plan.columns))
        ]
        sql = f'SELECT {", ".join(columns)} FROM "{scope.sobject.name}" {scope.table}'
        sql += f" {' '.join(scope.join_sql)}"
        sql += f" WHERE {conditions}" if conditions else ""
        sql += f" GROUP BY {', '.join(kept)}" if kept else ""
        sql += f" HAVING {having}" if having else ""
        parts.append(sql)
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY {', '.join(orders)}" + limit_sql(
        plan, limit
    )


def grouping_sets(kind: str, groups: list[str]) -> list[tuple[str, ...]]:
    if kind == "ROLLUP":
        return [tuple(groups[:size]) for size in range(len(groups), -1, -1)]
    return [
        tuple(kept) for size in range(len(groups), -1, -1) for kept in combinations(groups, size)
    ]


def _grouped_column(plan: Plan, at: int, absent: set[str]) -> str:
    sql = plan.columns[at]
    if at in plan.groupings:
        return f"{int(plan.groupings[at] in absent)} AS c{at}"
    return f"{'NULL' if sql in absent else sql} AS c{at}"


def _place(plan: Plan, sql: str) -> int:
    """Of a column that is there, or is added behind those that are shown."""
    known = [at for at, text in enumerate(plan.columns) if text == sql and at not in plan.groupings]
    return known[0] if known else plan.add(sql)


def _order_of_groups(plan: Plan, order: Order) -> str:
    if is_grouping(order.expression):
        at = add_grouping(plan, order.expression)
    else:
        at = _place(plan, typed(plan.scope, order.expression).sql)
    direction = "DESC" if order.descending else "ASC"
    return f"c{at} {direction} NULLS {'LAST' if order.nulls_last else 'FIRST'}"
