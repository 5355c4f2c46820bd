"""How calculated fields hang together: types of roll-ups, and who follows from whose records."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sandbox.salesforce.formula.parser import parse_formula
from sandbox.salesforce.formula.tree import Function, Name, Node
from sandbox.salesforce.schema import Feeds, Field, SObject, with_fields

COUNT_DIGITS = 18


def with_rollup_types(objects: Mapping[str, SObject]) -> dict[str, SObject]:
    """A roll-up has the type of what it sums up; a count is a whole number."""
    return {
        name: with_fields(made, (_typed(entry, objects) for entry in made.fields))
        if any(entry.summary for entry in made.fields)
        else made
        for name, made in objects.items()
    }


def feeds_of(objects: Mapping[str, SObject]) -> dict[str, Feeds]:
    """By the name of the object whose records are changed."""
    summaries: dict[str, list[tuple[str, str]]] = defaultdict(list)
    formulas: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for made in objects.values():
        for entry in made.fields:
            if entry.summary is not None:
                summaries[entry.summary.child].append((made.name, entry.name))
        for reference, target, shown in _shown_parents(made):
            formulas[target].append((made.name, reference, shown))
    return {
        name: Feeds(summaries=tuple(summaries[name]), formulas=tuple(formulas[name]))
        for name in {*summaries, *formulas}
    }


def names_in(node: Node) -> Iterator[Name]:
    """Fields that a formula mentions."""
    if isinstance(node, Name):
        yield node
    if isinstance(node, Function):
        for argument in node.arguments:
            yield from names_in(argument)


def asks_for_the_day(node: Node) -> bool:
    """Whether the formula changes although nothing else does."""
    if not isinstance(node, Function):
        return False
    return node.name in ("TODAY", "NOW") or any(map(asks_for_the_day, node.arguments))


def _typed(entry: Field, objects: Mapping[str, SObject]) -> Field:
    if entry.summary is None:
        return entry
    child = objects.get(entry.summary.child.lower())
    source = child.field(entry.summary.field) if child else None
    if source is None:
        return replace(entry, precision=COUNT_DIGITS, scale=0)
    doc, _, place = entry.event_doc.rpartition(":")
    if source.event_doc:
        doc = ":".join(source.event_doc.split(":")[:2])
    return replace(
        entry,
        type=source.type,
        precision=source.precision,
        scale=source.scale,
        event_type=source.event_type,
        event_doc=f"{doc}:{place}",
    )


def _shown_parents(made: SObject) -> Iterator[tuple[str, str, str]]:
    """Reference, parent object and the parent's field of each formula that looks one up."""
    found: dict[tuple[str, str, str], None] = {}
    for entry in made.formulas:
        for name in names_in(parse_formula(entry.formula)):
            reference = made.reference(name.parts[0]) if len(name.parts) > 1 else None
            if reference is not None and reference.reference_to:
                found[reference.name, reference.reference_to[0], name.parts[1]] = None
    yield from found
