"""What the package's permission sets let each person see and change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sandbox.salesforce.schema import Field, Schema, SObject, with_fields

RIGHTS = {"allowCreate": "c", "allowEdit": "u", "allowDelete": "d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """`fields` maps Object.Field to whether it may be edited; `objects` to letters of rights,
    with `r` for reading."""

    name: str
    label: str
    fields: Mapping[str, bool] = field(default_factory=dict)
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """All sets of one person. Standard fields and objects are open to everybody's profile."""

    sets: tuple[PermissionSet, ...]

    def view(self, schema: Schema) -> Schema:
        """The schema as this person sees it."""
        seen = (self._object(made) for made in schema.objects.values())
        return Schema(objects={made.name.lower(): made for made in seen if made is not None})

    def _object(self, made: SObject) -> SObject | None:
        flags = made.flags
        if made.custom:
            rights = frozenset[str]().union(
                *(found.objects.get(made.name, frozenset()) for found in self.sets)
            )
            if "r" not in rights:
                return None
            flags = flags - (frozenset("cud") - rights)
        if not any(entry.custom for entry in made.fields):
            return made
        fields = (self._field(made, entry) for entry in made.fields)
        return with_fields(made, (entry for entry in fields if entry is not None), flags)

    def _field(self, made: SObject, entry: Field) -> Field | None:
        """A field that must have a value is open to everybody who may see the object."""
        if not entry.custom or not (entry.nillable or entry.type == "boolean"):
            return entry
        editable = self._editable(f"{made.name}.{entry.name}")
        if editable is None:
            return None
        if editable:
            return entry
        return replace(entry, createable=False, updateable=False)

    def _editable(self, name: str) -> bool | None:
        """None: not even readable."""
        found = [given.fields[name] for given in self.sets if name in given.fields]
        return any(found) if found else None


def grants_of(sets: Iterable[PermissionSet], names: Iterable[str]) -> Grants:
    wanted = set(names)
    return Grants(sets=tuple(found for found in sets if found.name in wanted))
