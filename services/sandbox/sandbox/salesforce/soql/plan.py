"""A parsed query as one SQL statement and a recipe for turning its rows into records."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.conditions import comparisons
from sandbox.salesforce.soql.expressions import Typed, is_aggregate, typed
from sandbox.salesforce.soql.lexer import refusal
from sandbox.salesforce.soql.scope import ADVICE, Binding, Column, Scope, source_object
from sandbox.salesforce.soql.tree import Call, Expression, Item, Path, Query, TypeOf

OFFSET_MAX = 2000
FIELDS_LIMIT_MAX = 200


@dataclass(frozen=True, slots=True)
class Output:
    """One key of a record: where it stands in the row, and whose it is.

    `parts` are the columns of a compound field, by their lower-case key.
    """

    key: str
    parents: tuple[str, ...]
    index: int
    value: Typed
    parts: tuple[tuple[str, int, Field], ...] = ()


@dataclass(frozen=True, slots=True)
class ChildPlan:
    key: str
    plan: "Plan"


@dataclass(slots=True)
class Plan:
    """`sql` selects `columns`; parents and the record's own id stand at the indexes given."""

    scope: Scope
    query: Query
    outputs: list[Output | ChildPlan] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    parents: dict[tuple[str, ...], tuple[int, SObject]] = field(default_factory=dict)
    groupings: dict[int, str] = field(default_factory=dict)
    """Columns that tell whether a group's SQL was summed over."""
    aggregate: bool = False
    counts_only: bool = False
    id_index: int = -1

    def add(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    @property
    def sobject(self) -> SObject:
        return self.scope.sobject


def make_plan(org: Org, soql: str, user: str, query: Query) -> Plan:
    sobject = source_object(org, soql, user, query.source)
    return fill_plan(scope_of(org, soql, user, sobject, query, Binding()), query)


def scope_of(
    org: Org, soql: str, user: str, sobject: SObject, query: Query, binding: Binding
) -> Scope:
    if query.data_category:
        message = f"data categories are not supported for the entity {sobject.name}"
        raise refusal(soql, query.at, "MALFORMED_QUERY", message)
    return Scope(org, soql, user, sobject, binding, query.alias, aliases=query.aliases)


def fill_plan(scope: Scope, query: Query) -> Plan:
    plan = Plan(scope, query)
    if query.offset > OFFSET_MAX:
        message = f"Maximum SOQL offset allowed is {OFFSET_MAX}"
        raise scope.refuse(query.at, "NUMBER_OUTSIDE_VALID_RANGE", message)
    plan.aggregate = bool(query.group_by) or any(
        is_aggregate(item.expression) for item in query.items
    )
    plan.counts_only = _counts_only(query)
    if query.having is not None and not query.group_by:
        message = "having clause needs a group by clause"
        raise scope.refuse(query.at, "MALFORMED_QUERY", message)
    if plan.counts_only and query.group_by:
        message = "count() can not be used with a group by clause"
        raise scope.refuse(query.at, "MALFORMED_QUERY", message)
    if not plan.aggregate:
        plan.id_index = plan.add(f'{scope.table}."Id"')
    for number, item in enumerate(_expanded(scope, query)):
        _add_item(plan, item, number)
    _check_aliases(plan, query)
    if plan.aggregate and not plan.counts_only:
        _check_grouped(plan)
    return plan


def _check_aliases(plan: Plan, query: Query) -> None:
    told = [output.key for output in plan.outputs if isinstance(output, Output)]
    for item in query.items:
        if item.alias and told.count(item.alias) > 1:
            raise plan.scope.refuse(query.at, "MALFORMED_QUERY", f"duplicate alias: {item.alias}")


def is_grouping(expression: object) -> bool:
    return isinstance(expression, Call) and expression.name == "GROUPING"


def add_grouping(plan: Plan, expression: object) -> int:
    """GROUPING(field): 1 in the rows where the field was summed over."""
    if not isinstance(expression, Call) or expression.argument is None:
        raise plan.scope.refuse(plan.query.at, "MALFORMED_QUERY", "GROUPING needs a field")
    groups = [typed(plan.scope, group).sql for group in plan.query.group_by]
    inner = typed(plan.scope, expression.argument).sql
    if not plan.query.grouping or inner not in groups:
        message = "GROUPING needs a field of GROUP BY ROLLUP or GROUP BY CUBE"
        raise plan.scope.refuse(expression.at, "MALFORMED_QUERY", message)
    at = plan.add("0")
    plan.groupings[at] = inner
    return at


def _counts_only(query: Query) -> bool:
    expression = query.items[0].expression
    return (
        len(query.items) == 1
        and isinstance(expression, Call)
        and expression.name == "COUNT"
        and expression.argument is None
    )


def _expanded(scope: Scope, query: Query) -> list[Item]:
    """FIELDS(…) in place of the fields it stands for."""
    items: list[Item] = []
    for item in query.items:
        expression = item.expression
        if isinstance(expression, Call) and expression.name == "FIELDS":
            items += _all_fields(scope, query, expression)
        else:
            items.append(item)
    return items


def _all_fields(scope: Scope, query: Query, call: Call) -> list[Item]:
    kind = call.argument.text.upper() if isinstance(call.argument, Path) else ""
    if kind not in ("ALL", "STANDARD", "CUSTOM"):
        raise scope.refuse(call.at, "MALFORMED_QUERY", f"unexpected token: '{kind}'")
    if kind != "STANDARD" and (query.limit is None or query.limit > FIELDS_LIMIT_MAX):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT_MAX}"
        raise scope.refuse(call.at, "MALFORMED_QUERY", message)
    wanted = [
        found
        for found in scope.sobject.fields
        if kind == "ALL" or found.custom == (kind == "CUSTOM")
    ]
    return [Item(Path((found.name,), call.at)) for found in wanted]


CHILDREN_MAX = 20
"""Queries of children that one query of records may hold."""


def _add_item(plan: Plan, item: Item, number: int) -> None:
    expression = item.expression
    if isinstance(expression, Query):
        if sum(isinstance(output, ChildPlan) for output in plan.outputs) == CHILDREN_MAX:
            message = f"maximum of {CHILDREN_MAX} child relationships exceeded"
            raise plan.scope.refuse(expression.at, "MALFORMED_QUERY", message)
        plan.outputs.append(_child(plan, expression))
    elif isinstance(expression, TypeOf):
        _add_type_of(plan, expression)
    elif is_grouping(expression):
        key = item.alias or _unnamed(plan, Call("COUNT", None, 0), number)
        plan.outputs.append(Output(key, (), add_grouping(plan, expression), Typed("0", "int")))
    elif isinstance(expression, Path) and not plan.aggregate:
        if item.alias:
            message = "only aggregate expressions use field aliasing"
            raise plan.scope.refuse(expression.at, "MALFORMED_QUERY", message)
        _add_column(plan, expression)
    else:
        value = typed(plan.scope, expression)
        key = item.alias or _unnamed(plan, expression, number)
        plan.outputs.append(Output(key, (), plan.add(value.sql), value))


def _add_type_of(plan: Plan, chosen: TypeOf) -> None:
    """The fields of the case that fits the object this reference leads to."""
    target, _, names = plan.scope.parent(chosen.path.parts, chosen.path)
    known = {target.name.lower(), *plan.scope.reference_types(chosen.path)}
    for name, _ in chosen.cases:
        if name.lower() not in known:
            message = f"sObject type '{name}' is not supported."
            raise plan.scope.refuse(chosen.at, "INVALID_TYPE", message)
    cases = {name.lower(): paths for name, paths in chosen.cases}
    fields = cases.get(target.name.lower(), chosen.otherwise)
    for path in fields:
        _add_column(plan, Path((*chosen.path.parts, *path.parts), path.at))
    if not fields:
        none = Typed("NULL", "string")
        plan.outputs.append(Output(names[-1], names[:-1], plan.add("NULL"), none))


def _unnamed(plan: Plan, expression: Expression, number: int) -> str:
    if isinstance(expression, Path):
        return plan.scope.column(expression).field.name
    if plan.aggregate or expression.name == "DISTANCE":
        earlier = [out for out in plan.outputs if isinstance(out, Output)]
        return f"expr{sum(out.key.startswith('expr') for out in earlier)}"
    argument = expression.argument
    while isinstance(argument, Call):
        argument = argument.argument
    if isinstance(argument, Path):
        return plan.scope.column(argument).field.name
    return f"expr{number}"


def _add_column(plan: Plan, path: Path) -> None:
    column = plan.scope.column(path)
    for output in plan.outputs:
        if isinstance(output, Output) and (output.parents, output.key) == (
            column.parents,
            column.field.name,
        ):
            message = f"duplicate field selected: {path.text}"
            raise plan.scope.refuse(path.at, "INVALID_FIELD", message)
    for depth in range(1, len(column.parents) + 1):
        names = column.parents[:depth]
        if names not in plan.parents:
            table, sobject = plan.scope.joins[names]
            plan.parents[names] = (plan.add(f'{table}."Id"'), sobject)
    value = Typed(column.sql, column.field.type, column.field.scale, column.field)
    parts = _parts(plan, column)
    index = -1 if parts else plan.add(column.sql)
    plan.outputs.append(Output(column.field.name, column.parents, index, value, parts))


def _parts(plan: Plan, column: Column) -> tuple[tuple[str, int, Field], ...]:
    """The columns of an address, in the order of its JSON object."""
    if column.field.stored:
        return ()
    stem = column.field.name.removesuffix("Address")
    found = [part for part in column.sobject.fields if part.compound == column.field.name]
    return tuple(
        (
            key[0].lower() + key[1:],
            plan.add(f'{column.table}."{part.name}"'),
            part,
        )
        for part in sorted(found, key=lambda part: part.name.removeprefix(stem).lower())
        if (key := part.name.removeprefix(stem))
    )


def _child(plan: Plan, query: Query) -> ChildPlan:
    scope = plan.scope
    relation = scope.sobject.child(query.source.text)
    target = scope.org.metadata.view(scope.user).find(relation.child) if relation else None
    if relation is None or target is None:
        message = (
            f"Didn't understand relationship '{query.source.text}' in FROM part of query call. If"
            " you are attempting to use a custom relationship, be sure to append the '__r' after"
            " the custom relationship name. " + ADVICE
        )
        raise scope.refuse(query.source.at, "INVALID_TYPE", message)
    inner = scope_of(scope.org, scope.soql, scope.user, target, query, Binding())
    child = fill_plan(inner, query)
    if child.aggregate:
        message = "only root queries support aggregate expressions"
        raise scope.refuse(query.at, "MALFORMED_QUERY", message)
    child.add(f'{inner.table}."{relation.field}"')
    return ChildPlan(relation.relationship, child)


def _check_grouped(plan: Plan) -> None:
    grouped = {_group(plan.scope, expression) for expression in plan.query.group_by}
    for comparison in comparisons(plan.query.having) if plan.query.having else ():
        _check_grouped_one(plan, comparison.left, grouped)
    for order in plan.query.order_by:
        if not is_grouping(order.expression):
            _check_grouped_one(plan, order.expression, grouped)
    items: Sequence[Item] = plan.query.items
    for item in items:
        expression = item.expression
        if is_aggregate(expression) or is_grouping(expression):
            continue
        if isinstance(expression, Query | TypeOf):
            message = "only aggregates and grouped fields can be selected together"
            raise plan.scope.refuse(expression.at, "MALFORMED_QUERY", message)
        _check_grouped_one(plan, expression, grouped)


def _group(scope: Scope, expression: Expression) -> str:
    value = typed(scope, expression)
    if value.field is not None and (value.field.long_text or not value.field.stored):
        message = f"field '{value.field.name}' can not be grouped in a query call"
        raise scope.refuse(expression.at, "MALFORMED_QUERY", message)
    if isinstance(expression, Call) and expression.name == "DISTANCE":
        message = "DISTANCE is not allowed in a GROUP BY clause"
        raise scope.refuse(expression.at, "MALFORMED_QUERY", message)
    if is_aggregate(expression):
        message = "aggregate functions are not allowed in a GROUP BY clause"
        raise scope.refuse(expression.at, "MALFORMED_QUERY", message)
    return value.sql


def _check_grouped_one(plan: Plan, expression: Expression, grouped: set[str]) -> None:
    if is_aggregate(expression) or typed(plan.scope, expression).sql in grouped:
        return
    name = expression.text if isinstance(expression, Path) else expression.name
    message = f"Field must be grouped or aggregated: {name}"
    raise plan.scope.refuse(expression.at, "MALFORMED_QUERY", message)
