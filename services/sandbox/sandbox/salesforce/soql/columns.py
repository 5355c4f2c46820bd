"""What a query's columns are, and how it would be run: `columns=true` and `explain`."""

from collections.abc import Sequence

from sandbox.salesforce.schema import ID_TYPES, SCALED_TYPES
from sandbox.salesforce.soql.expressions import Typed
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.plan import ChildPlan, Output, Plan, make_plan
from sandbox.salesforce.soql.run import Asker, Record
from sandbox.salesforce.soql.statement import statement

APEX_TYPES = {
    "boolean": "Boolean", "int": "Integer", "double": "Double", "currency": "Double",
    "percent": "Double", "date": "Date", "datetime": "Datetime", "id": "Id", "reference": "Id",
    "address": "Address",
}  # fmt: skip


def column_metadata(asker: Asker, soql: str) -> Record:
    query = parse(soql)
    plan = make_plan(asker.org, soql, asker.user, query)
    selected = [out.key for out in plan.outputs if isinstance(out, Output) and not out.parents]
    return {
        "columnMetadata": _columns(plan),
        "entityName": plan.sobject.name,
        "groupBy": bool(query.group_by),
        "idSelected": "Id" in selected,
        "keyPrefix": plan.sobject.prefix,
    }


def explain(asker: Asker, soql: str) -> Record:
    """One plan: by an index when the store would use one, else a scan of the table."""
    plan = make_plan(asker.org, soql, asker.user, parse(soql))
    sql = statement(plan, every=False)
    steps = asker.org.connection.execute(
        f"EXPLAIN QUERY PLAN {sql}", plan.scope.binding.values
    ).fetchall()
    indexed = "INDEX" in str(steps[0]["detail"])
    kept = ' WHERE "IsDeleted" = 0' if plan.sobject.has("IsDeleted") else ""
    held = _counted(asker, f'"{plan.sobject.name}"{kept}')
    found = _counted(asker, f"({sql})", plan.scope.binding.values) if indexed else held
    return {
        "plans": [
            {
                "cardinality": found,
                "fields": [],
                "leadingOperationType": "Index" if indexed else "TableScan",
                "notes": [],
                "relativeCost": 0.1 if indexed else 2.8,
                "sobjectCardinality": held,
                "sobjectType": plan.sobject.name,
            }
        ]
    }


def _counted(asker: Asker, source: str, values: Sequence[object] = ()) -> int:
    row = asker.org.connection.execute(f"SELECT count(*) FROM {source}", values).fetchone()
    return int(row[0])


def _columns(plan: Plan) -> list[Record]:
    """Parents stand as columns that hold their own."""
    columns: list[Record] = []
    for output in plan.outputs:
        if isinstance(output, ChildPlan):
            column = _column(output.key, Typed("", "child"), aggregate=True)
            columns.append(column | {"joinColumns": _columns(output.plan)})
            continue
        place = columns
        for name in output.parents:
            place = _joined(place, name)
        place.append(_column(output.key, output.value, aggregate=plan.aggregate))
    return columns


def _joined(columns: list[Record], name: str) -> list[Record]:
    for column in columns:
        inner = column["joinColumns"]
        if column["columnName"] == name and isinstance(inner, list):
            return inner
    inner = []
    parent = _column(name, Typed("", "parent"), aggregate=False)
    columns.append(parent | {"joinColumns": inner})
    return inner


def _column(name: str, value: Typed, *, aggregate: bool) -> Record:
    field = value.field
    number = value.kind in SCALED_TYPES or value.kind == "int"
    text = value.kind not in SCALED_TYPES | {
        "int",
        "boolean",
        "date",
        "datetime",
        "parent",
        "child",
    }
    return {
        "aggregate": aggregate and field is None,
        "apexType": APEX_TYPES.get(value.kind, "String"),
        "booleanType": value.kind == "boolean",
        "columnName": name,
        "custom": field.custom if field else False,
        "displayName": name,
        "foreignKeyName": field.relationship
        if field and value.kind in ID_TYPES and field.relationship
        else None,
        "insertable": field.createable if field else False,
        "joinColumns": [],
        "numberType": number,
        "textType": text,
        "updatable": field.updateable if field else False,
    }
