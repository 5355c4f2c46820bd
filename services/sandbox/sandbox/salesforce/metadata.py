"""The org's metadata as it is now: what was deployed, with the changes that faults made to it."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from sandbox.database import transaction
from sandbox.faults import Faults, Standing
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.grants import PermissionSet, grants_of
from sandbox.salesforce.package import FIELD_KINDS, LENGTHS
from sandbox.salesforce.schema import Field, Schema, SObject, with_fields
from sandbox.salesforce.storage import column_of
from sandbox.salesforce.values import Stored, show, store

WAS = " was"
"""Behind the name of a column that waits for its field to get its old type back."""
TEXT_LENGTH = 255


class Metadata:
    """`schema` and `view` are asked for again at each use: rules come and go."""

    def __init__(self, deployed: Schema, connection: sqlite3.Connection, faults: Faults) -> None:
        self._deployed = deployed
        self._connection = connection
        self._faults = faults
        self._generation = -1
        self._current = deployed
        self._views: dict[str, Schema] = {}
        self._sets: tuple[PermissionSet, ...] = ()
        self._retyped: dict[tuple[str, str], Field] = {}
        self._gone: set[tuple[str, str]] = set()
        self._day = ""
        _restore_all(connection, deployed)

    def grant(self, sets: tuple[PermissionSet, ...]) -> None:
        """Without any set everybody sees and may do everything."""
        self._sets = sets
        self._views.clear()

    def forget_views(self) -> None:
        """After a permission set was given or taken away."""
        self._views.clear()

    def is_new_day(self, day: str) -> bool:
        """Once for each new day, and once after a start."""
        if day == self._day:
            return False
        self._day = day
        return True

    @property
    def schema(self) -> Schema:
        if self._generation != self._faults.generation:
            self._follow()
        return self._current

    def view(self, user: str) -> Schema:
        """The schema as this user sees it."""
        schema = self.schema
        if not self._sets:
            return schema
        if user not in self._views:
            self._views[user] = grants_of(self._sets, self._assigned(user)).view(schema)
        return self._views[user]

    def _assigned(self, user: str) -> list[str]:
        rows = self._connection.execute(
            'SELECT s."Name" FROM "PermissionSetAssignment" a JOIN "PermissionSet" s'
            ' ON s."Id" = a."PermissionSetId" WHERE a."AssigneeId" = ?',
            (user,),
        )
        return [row[0] for row in rows]

    def _follow(self) -> None:
        self._generation = self._faults.generation
        standing = self._faults.standing("salesforce")
        objects = dict(self._deployed.objects)
        retyped: dict[tuple[str, str], Field] = {}
        for name, made in self._deployed.objects.items():
            fields = list(_changed(made.name, made.fields, standing))
            if fields == list(made.fields):
                continue
            objects[name] = with_fields(made, fields)
            for field in fields:
                old = made.field(field.name)
                if old is not None and old.type != field.type:
                    retyped[made.name, field.name] = field
        with transaction(self._connection):
            self._convert(retyped)
            self._untick(objects)
        self._current = replace(self._deployed, objects=objects)
        self._views.clear()

    def _convert(self, retyped: dict[tuple[str, str], Field]) -> None:
        """Values follow the type where they can, and are remembered for the way back."""
        for (name, field), new in list(self._retyped.items()):
            if retyped.get((name, field)) != new:
                _back(self._connection, name, self._old(name, field), new)
                del self._retyped[name, field]
        for (name, field), new in retyped.items():
            if (name, field) not in self._retyped:
                _forth(self._connection, name, self._old(name, field), new)
                self._retyped[name, field] = new

    def _untick(self, objects: Mapping[str, SObject]) -> None:
        """A checkbox that comes back is unticked in the records made without it."""
        gone = {
            (made.name, field.name)
            for name, made in self._deployed.objects.items()
            if objects[name] is not made
            for field in made.stored
            if field.type == "boolean" and not objects[name].has(field.name)
        }
        for name, field in self._gone - gone:
            self._connection.execute(f'UPDATE "{name}" SET "{field}" = 0 WHERE "{field}" IS NULL')
        self._gone = gone

    def _old(self, name: str, field: str) -> Field:
        found = self._deployed.of(name).field(field)
        if found is None:
            raise KeyError(field)
        return found


def _changed(name: str, fields: tuple[Field, ...], standing: list[Standing]) -> Iterator[Field]:
    for field in fields:
        path = f"{name}.{field.name}".lower()
        found: Field | None = field
        for change in standing:
            if found is not None and fnmatchcase(path, change.path.removeprefix("/")):
                found = CHANGES[change.effect](found, change.body)
        if found is not None:
            yield found


def _gone(field: Field, body: object) -> None:
    return None


def _required(field: Field, body: object) -> Field:
    return replace(field, nillable=False, defaulted=False)


def _value_gone(field: Field, body: object) -> Field:
    """`body` is the value, or a list of values."""
    gone = body if isinstance(body, list) else [body]
    kept = tuple(value for value in field.values if value not in gone)
    return replace(field, values=kept, restricted=True)


def _retype(field: Field, body: object) -> Field:
    """`body` is a metadata type such as Text, or {"type": "Number", "precision": 18, …}."""
    wish = body if isinstance(body, Mapping) else {"type": body}
    kind = str(wish.get("type"))
    if kind not in FIELD_KINDS:
        return field
    new_type, event_type, doc = FIELD_KINDS[kind]
    _, _, place = field.event_doc.rpartition(":")
    return replace(
        field,
        type=new_type,
        length=_count(wish, "length", LENGTHS.get(kind, TEXT_LENGTH)),
        precision=_count(wish, "precision", 18),
        scale=_count(wish, "scale", 0),
        values=(),
        restricted=False,
        reference_to=(),
        relationship="",
        long_text=kind in ("LongTextArea", "Html"),
        event_type=event_type,
        event_doc=f"{doc}:{place}" if field.custom else doc,
    )


def _count(wish: Mapping[str, object], key: str, default: int) -> int:
    value = wish.get(key, default)
    return value if isinstance(value, int) else default


Changing = Callable[[Field, object], Field | None]
CHANGES: Mapping[str, Changing] = {
    "field_gone": _gone,
    "field_required": _required,
    "field_retyped": _retype,
    "value_gone": _value_gone,
}


def _forth(connection: sqlite3.Connection, name: str, old: Field, new: Field) -> None:
    connection.execute(f'ALTER TABLE "{name}" RENAME COLUMN "{old.name}" TO "{old.name}{WAS}"')
    connection.execute(f'ALTER TABLE "{name}" ADD COLUMN {column_of(new)}')
    rows = connection.execute(
        f'SELECT "Id", "{old.name}{WAS}" FROM "{name}" WHERE "{old.name}{WAS}" IS NOT NULL'
    ).fetchall()
    connection.executemany(
        f'UPDATE "{name}" SET "{new.name}" = ? WHERE "Id" = ?',
        [(_converted(row[1], old, new), row[0]) for row in rows],
    )


def _back(connection: sqlite3.Connection, name: str, old: Field, new: Field) -> None:
    """Values written meanwhile are converted; the others are what they were."""
    was = f"{old.name}{WAS}"
    rows = connection.execute(f'SELECT "Id", "{was}", "{new.name}" FROM "{name}"').fetchall()
    connection.executemany(
        f'UPDATE "{name}" SET "{was}" = ? WHERE "Id" = ?',
        [
            (_converted(row[2], new, old), row[0])
            for row in rows
            if _converted(row[1], old, new) != row[2]
        ],
    )
    _rename_back(connection, name, old.name)


def _rename_back(connection: sqlite3.Connection, name: str, field: str) -> None:
    connection.execute(f'ALTER TABLE "{name}" DROP COLUMN "{field}"')
    connection.execute(f'ALTER TABLE "{name}" RENAME COLUMN "{field}{WAS}" TO "{field}"')


def _restore_all(connection: sqlite3.Connection, deployed: Schema) -> None:
    """A restart forgets the rules: what they retyped is again what it was."""
    for made in deployed.objects.values():
        rows = connection.execute(f'PRAGMA table_info("{made.name}")').fetchall()
        present = {row["name"] for row in rows}
        for field in made.stored:
            if f"{field.name}{WAS}" in present:
                _rename_back(connection, made.name, field.name)


def _converted(stored: Stored, old: Field, new: Field) -> Stored:
    try:
        shown = show(old, stored)
        as_text = new.type in ("string", "textarea", "picklist", "email", "phone", "url")
        return store(new, str(shown) if as_text and shown is not None else shown)
    except Refusal:
        return None
