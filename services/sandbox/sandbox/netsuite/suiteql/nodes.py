"""Which node of the parsed query is compiled by what, and what it may carry."""

from collections.abc import Mapping

from sqlglot import exp

from sandbox.netsuite.suiteql import aggregates, builtins, expressions, predicates, windows
from sandbox.netsuite.suiteql.expressions import Handler

BINARY = frozenset({"this", "expression"})


def _on(handler: Handler, *carries: str) -> tuple[Handler, frozenset[str]]:
    return handler, frozenset(carries)


HANDLERS: Mapping[type[exp.Expr], tuple[Handler, frozenset[str]]] = {
    exp.Column: _on(expressions.column, "this", "table"),
    exp.CurrentTimestamp: _on(expressions.now_word, "sysdate"),
    exp.CurrentDate: _on(expressions.now_word),
    exp.Systimestamp: _on(expressions.now_word),
    exp.Localtimestamp: _on(expressions.now_word),
    exp.Literal: _on(expressions.literal, "this", "is_string"),
    exp.Null: _on(expressions.null),
    exp.DateStrToDate: _on(expressions.ansi_date, "this"),
    exp.Placeholder: _on(expressions.placeholder, "this"),
    exp.Paren: _on(expressions.paren, "this"),
    exp.Neg: _on(expressions.negative, "this"),
    exp.Subquery: _on(expressions.scalar_query, "this"),
    exp.Cast: _on(expressions.cast, "this", "to"),
    exp.Extract: _on(expressions.extract, "this", "expression"),
    exp.Trim: _on(expressions.trim, "this", "expression", "position"),
    exp.DPipe: _on(expressions.concat, "this", "expression", "safe"),
    exp.Dot: _on(builtins.builtin, "this", "expression"),
    exp.And: _on(predicates.joined, "this", "expression"),
    exp.Or: _on(predicates.joined, "this", "expression"),
    exp.Not: _on(predicates.negation, "this"),
    exp.Is: _on(predicates.is_null, "this", "expression", "negate"),
    exp.Between: _on(predicates.between, "this", "low", "high", "negate"),
    exp.Like: _on(predicates.like, "this", "expression", "negate"),
    exp.Escape: _on(predicates.escape, "this", "expression"),
    exp.In: _on(predicates.is_in, "this", "expressions", "query", "negate"),
    exp.Exists: _on(predicates.exists, "this"),
    exp.Case: _on(predicates.case, "this", "ifs", "default"),
    exp.Anonymous: _on(aggregates.call, "this", "expressions"),
    exp.WithinGroup: _on(aggregates.within, "this", "expression"),
    exp.Window: _on(
        windows.window, "this", "partition_by", "order", "spec", "over", "alias", "first"
    ),
    exp.StrToTime: _on(expressions.ansi_timestamp, "this", "format"),
    **{
        kind: (expressions.arithmetic, BINARY | {"typed", "safe"})
        for kind in expressions.ARITHMETIC
    },
    **dict.fromkeys(predicates.COMPARISONS, (predicates.comparison, BINARY)),
}
