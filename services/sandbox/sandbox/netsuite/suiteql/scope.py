"""Names of a query: which sources it reads and which column a word means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.netsuite.errors import NetSuiteError, search_error
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.tables import COMPUTED, Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The stored column that an expression is."""

    table: str
    column: str
    alias: str
    joins: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A compiled expression."""

    sql: str
    type: Type
    nullable: bool = True
    literal: str | None = None
    """Of a text literal: its text."""
    base: Base | None = None
    is_predicate: bool = False
    weight: int = 1
    """Of a column: that of the output it names."""
    currency: str = ""
    """Of an amount that was converted: the symbol of what it is in now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One column that a query gives out."""

    name: str
    type: Type
    nullable: bool = True
    weight: int = 1
    """How many stored columns it reads, counted again for each mention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table or a query under FROM. `table` is empty for a query."""

    alias: str
    table: str
    outputs: tuple[Output, ...]
    joins: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Output | None:
        return next((output for output in self.outputs if output.name == name), None)


@dataclass(slots=True, kw_only=True)
class Scope:
    sources: dict[str, Source] = field(default_factory=dict)
    parent: "Scope | None" = None
    aliases: dict[str, Piece] = field(default_factory=dict)
    """Names given in the select list, for ORDER BY."""
    allows_aggregates: bool = False
    numbered: bool = False
    """Does the select list use ROWNUM?"""
    merged: dict[str, str] = field(default_factory=dict)
    """Columns that USING made one: which source they are read from."""
    outer: set[str] = field(default_factory=set)
    """Sources whose rows an outer join may leave out: their columns can all be null."""

    def add(self, source: Source) -> None:
        if source.alias in self.sources:
            raise unsupported()
        self.sources[source.alias] = source

    def column(self, name: str, qualifier: str) -> Piece:
        found = self._find(name.lower(), qualifier.lower())
        if found is None:
            raise self.unknown(f"{qualifier}.{name}" if qualifier else name)
        return found

    def weight(self, name: str, qualifier: str) -> int:
        """0 for a name that is not of this query."""
        found = self._find(name.lower(), qualifier.lower())
        return 0 if found is None else found.weight

    def owns(self, name: str, qualifier: str) -> bool:
        """Is the column of this query itself, not of one around it?"""
        return self._own(name.lower(), qualifier.lower()) is not None

    def _find(self, name: str, qualifier: str) -> Piece | None:
        found = self._own(name, qualifier)
        if found is None and self.parent is not None:
            return self.parent._find(name, qualifier)
        return found

    def _own(self, name: str, qualifier: str) -> Piece | None:
        candidates = [
            (source, output)
            for source in self.sources.values()
            if not qualifier or qualifier == source.alias
            if (output := source.find(name)) is not None
        ]
        if len(candidates) > 1 and name in self.merged:
            candidates = [one for one in candidates if one[0].alias == self.merged[name]]
        if len(candidates) > 1:
            raise unsupported()
        if not candidates:
            return None
        source, output = candidates[0]
        return _piece(source, output, output.nullable or source.alias in self.outer)

    def unknown(self, name: str) -> NetSuiteError:
        """In the recorded wording; the sources are listed as alias=table."""
        listed = ", ".join(f"{s.alias}={s.table or s.alias}" for s in self.sources.values())
        return search_error(
            f"Unknown identifier '{name}'. Available identifiers are: {{{listed}}}."
        )


def plain_name(text: str) -> str:
    """A name that can stand between double quotes."""
    if '"' in text:
        raise unsupported()
    return text.lower()


def _piece(source: Source, output: Output, nullable: bool) -> Piece:
    sql = f'"{source.alias}"."{output.name}"'
    base = None
    if source.table:
        base = Base(
            table=source.table,
            column=output.name,
            alias=source.alias,
            joins=source.joins.get(output.name, ""),
        )
        function = COMPUTED.get((source.table, output.name))
        if function is not None:
            sql = f'{function}("{source.alias}"."id")'
    return Piece(sql=sql, type=output.type, nullable=nullable, base=base, weight=output.weight)
