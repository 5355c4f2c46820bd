"""A SOQL query as data. `at` is the place in the text, for complaints."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of at most one argument; `COUNT()` has none."""

    name: str
    argument: "Path | Call | None"
    at: int


Expression: TypeAlias = Path | Call


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind`: string number boolean null date datetime relative currency.

    `text` is the value as written, for strings the raw token; `number` is a relative date's N.
    """

    kind: str
    text: str
    at: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Expression
    operator: str
    value: "Literal | tuple[Literal, ...] | Query"
    at: int


@dataclass(frozen=True, slots=True)
class Both:
    """All (`AND`) or one (`OR`) of the items hold."""

    operator: str
    items: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    item: "Condition"


Condition: TypeAlias = Comparison | Both | Not


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected."""

    expression: "Expression | Query"
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    expression: Expression
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    items: tuple[Item, ...]
    source: Path
    alias: str = ""
    scope: str = ""
    where: Condition | None = None
    group_by: tuple[Expression, ...] = ()
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    at: int = field(default=0)
