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
class Literal:
    """`kind`: string number boolean null date datetime relative currency.

    `text` is the value as written, for strings the raw token; `number` is a relative date's N.
    """

    kind: str
    text: str
    at: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function; `COUNT()` has no argument, `more` are those behind the first."""

    name: str
    argument: "Path | Call | Literal | None"
    at: int
    more: "tuple[Path | Call | Literal, ...]" = ()


Expression: TypeAlias = Path | Call


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
class TypeOf:
    """Other fields for each type that a reference may point at; `otherwise` for all others."""

    path: Path
    cases: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected."""

    expression: "Expression | TypeOf | Query"
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
    grouping: str = ""
    """ROLLUP or CUBE: groups of groups too."""
    data_category: bool = False
    aliases: tuple[tuple[str, Path], ...] = ()
    """Names for parents: `FROM Contact c, c.Account a`."""
    having: Condition | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    at: int = field(default=0)
    end: int = field(default=0)
