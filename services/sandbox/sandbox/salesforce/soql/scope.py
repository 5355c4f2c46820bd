"""Names of a query resolved against the schema: columns, parents as joins, bound values."""

from dataclasses import dataclass, field

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.lexer import refusal
from sandbox.salesforce.soql.tree import Path

PARENT_LEVELS_MAX = 5
TYPE_NAME = Field(name="Type", label="Type", type="string", length=255)
"""The name of the object at the end of a reference that may lead to several."""
ADVICE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True, slots=True)
class Column:
    """A field, the object it belongs to, the SQL of its value and the parents on the way."""

    sql: str
    field: Field
    sobject: SObject
    parents: tuple[str, ...]
    table: str


@dataclass(slots=True)
class Binding:
    """Values of a whole statement, numbered in the order they were bound."""

    values: list[object] = field(default_factory=list)
    tables: int = 0

    def bind(self, value: object) -> str:
        self.values.append(value)
        return f"?{len(self.values)}"

    def next_table(self) -> str:
        self.tables += 1
        return f"t{self.tables}"


@dataclass(slots=True)
class Scope:
    """One FROM: its object, its alias, and the parents that its paths reach."""

    org: Org
    soql: str
    user: str
    sobject: SObject
    binding: Binding
    alias: str = ""
    table: str = ""
    aliases: tuple[tuple[str, Path], ...] = ()
    joins: dict[tuple[str, ...], tuple[str, SObject]] = field(default_factory=dict)
    join_sql: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = self.binding.next_table()

    def column(self, path: Path) -> Column:
        parts = self._without_own_name(path.parts)
        sobject, table, parents = self.parent(parts[:-1], path)
        found = sobject.field(parts[-1])
        if found is None and parts[-1].lower() == "type" and self._is_polymorphic(parts[:-1]):
            sql = f"CASE WHEN {table}.\"Id\" IS NOT NULL THEN '{sobject.name}' END"
            return Column(sql, TYPE_NAME, sobject, parents, table)
        if found is None:
            raise self.no_column(parts[-1], sobject, path.at)
        return Column(f'{table}."{found.name}"', found, sobject, parents, table)

    def parent(
        self, relationships: tuple[str, ...], path: Path
    ) -> tuple[SObject, str, tuple[str, ...]]:
        """The object at the end of the relationships, joined once, with their proper names."""
        if len(relationships) > PARENT_LEVELS_MAX:
            message = "SOQL parent relationships can be at most 5 levels deep"
            raise self.refuse(path.at, "MALFORMED_QUERY", message)
        sobject, table = self.sobject, self.table
        names: tuple[str, ...] = ()
        for relationship in relationships:
            reference = sobject.reference(relationship)
            target = self._target(reference)
            if reference is None or target is None:
                raise self._no_relationship(relationship, path.at)
            names = (*names, reference.relationship)
            table = self._join(names, table, reference, target)
            sobject = target
        return sobject, table, names

    def reference_types(self, path: Path) -> frozenset[str]:
        """Lower-case names of the objects that the last relationship may lead to."""
        sobject: SObject | None = self.sobject
        reference: Field | None = None
        for relationship in self._without_own_name(path.parts):
            reference = sobject.reference(relationship) if sobject else None
            sobject = self._target(reference)
        return frozenset(name.lower() for name in (reference.reference_to if reference else ()))

    def refuse(self, at: int, code: str, message: str) -> Refusal:
        return refusal(self.soql, at, code, message)

    def no_column(self, name: str, sobject: SObject, at: int) -> Refusal:
        message = (
            f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a"
            " custom field, be sure to append the '__c' after the custom field name. " + ADVICE
        )
        return self.refuse(at, "INVALID_FIELD", message)

    def bind(self, value: object) -> str:
        return self.binding.bind(value)

    def _is_polymorphic(self, relationships: tuple[str, ...]) -> bool:
        """Whether the last of them may lead to records of several objects."""
        sobject, reference = self.sobject, None
        for relationship in relationships:
            reference = sobject.reference(relationship)
            target = self._target(reference)
            if target is None:
                return False
            sobject = target
        return reference is not None and len(reference.reference_to) > 1

    def _without_own_name(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Aliases of parents are spelled out, the name of the object itself is left out."""
        for alias, path in self.aliases:
            if len(parts) > 1 and parts[0].lower() == alias.lower():
                return self._without_own_name((*path.parts, *parts[1:]))
        own = {self.alias.lower(), self.sobject.name.lower()} - {""}
        if len(parts) > 1 and parts[0].lower() in own and not self.sobject.reference(parts[0]):
            return parts[1:]
        return parts

    def _target(self, reference: Field | None) -> SObject | None:
        if reference is None:
            return None
        known = [self.org.metadata.view(self.user).find(name) for name in reference.reference_to]
        return next((found for found in known if found is not None), None)

    def _join(self, names: tuple[str, ...], table: str, reference: Field, target: SObject) -> str:
        if names not in self.joins:
            joined = self.binding.next_table()
            self.joins[names] = (joined, target)
            self.join_sql.append(
                f'LEFT JOIN "{target.name}" {joined} ON {joined}."Id" = {table}."{reference.name}"'
            )
        return self.joins[names][0]

    def _no_relationship(self, name: str, at: int) -> Refusal:
        message = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a"
            " custom relationship, be sure to append the '__r' after the custom relationship name. "
            + ADVICE
        )
        return self.refuse(at, "INVALID_FIELD", message)


def source_object(org: Org, soql: str, user: str, path: Path) -> SObject:
    found = org.metadata.view(user).find(path.text)
    if found is None:
        message = (
            f"sObject type '{path.text}' is not supported. If you are attempting to use a custom"
            " object, be sure to append the '__c' after the entity name. " + ADVICE
        )
        raise refusal(soql, path.at, "INVALID_TYPE", message)
    return found
