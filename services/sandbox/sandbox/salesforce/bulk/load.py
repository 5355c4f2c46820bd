"""Turns uploaded rows into records, each saved under the rules that hold for REST."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.salesforce.bulk.jobs import Job
from sandbox.salesforce.bulk.sheet import BadData, line
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.records import change, create, find_by, remove
from sandbox.salesforce.recycling import purge
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import store
from sandbox.salesforce.work import Work

NULL = "#N/A"
BOOLEANS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
Body = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field, or a parent's external id: then `parent` names the relationship."""

    field: Field
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    id: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """One job's way of saving a row."""

    job: Job
    view: SObject
    columns: tuple[Column, ...]

    def take(self, work: Work, rows: Iterable[Sequence[str]]) -> tuple[list[str], list[str]]:
        """The lines of the results: of rows that were saved, and of rows that were not."""
        saved: list[str] = []
        refused: list[str] = []
        for row in rows:
            try:
                with work.attempt():
                    done = self._one(work, row)
            except Refusal as refusal:
                refused.append(line(self.job, (self._given_id(row), error_text(refusal), *row)))
            else:
                saved.append(line(self.job, (done.id, str(done.created).lower(), *row)))
        return saved, refused

    def _one(self, work: Work, row: Sequence[str]) -> Saved:
        return SAVES[self.job.operation](self, work, row)

    def insert(self, work: Work, row: Sequence[str]) -> Saved:
        if self._given_id(row):
            message = "cannot specify Id in an insert call"
            raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=["Id"])
        return Saved(id=create(work, self.view, self._body(row)), created=True)

    def update(self, work: Work, row: Sequence[str]) -> Saved:
        identifier = self._checked_id(row, "an update")
        change(work, self.view, identifier, self._body(row))
        return Saved(id=identifier, created=False)

    def upsert(self, work: Work, row: Sequence[str]) -> Saved:
        name = self.job.external_id
        if name == "Id":
            return self.update(work, row) if self._given_id(row) else self.insert(work, row)
        key = next(at for at, column in enumerate(self.columns) if column.field.name == name)
        if row[key] in ("", NULL):
            raise Refusal("MISSING_ARGUMENT", f"{name} not specified", fields=[name])
        field = self.columns[key].field
        ids = find_by(work, self.view, field, store(field, row[key]))
        if len(ids) > 1:
            found = ", ".join(ids)
            message = f"{name}: more than one record found for external id field: [{found}]"
            raise Refusal("DUPLICATE_EXTERNAL_ID", message, fields=[name])
        body = self._body(row)
        if not ids:
            return Saved(id=create(work, self.view, body), created=True)
        body.pop(name)
        change(work, self.view, ids[0], body)
        return Saved(id=ids[0], created=False)

    def delete(self, work: Work, row: Sequence[str]) -> Saved:
        identifier = self._checked_id(row, "a delete")
        remove(work, self.view, identifier)
        return Saved(id=identifier, created=False)

    def hard_delete(self, work: Work, row: Sequence[str]) -> Saved:
        done = self.delete(work, row)
        if work.org.value("SELECT 1 FROM recycled WHERE root = ?", done.id):
            purge(work, done.id)
        return done

    def _given_id(self, row: Sequence[str]) -> str:
        for column, value in zip(self.columns, row, strict=True):
            if column.field.type == "id" and not column.parent:
                return value.strip()
        return ""

    def _checked_id(self, row: Sequence[str], call: str) -> str:
        identifier = self._given_id(row)
        if not identifier:
            raise Refusal("MISSING_ARGUMENT", f"Id not specified in {call} call")
        if not is_id(identifier) or not identifier.startswith(self.view.prefix):
            message = f"{self.view.label} ID: id value of incorrect type: {identifier}"
            raise Refusal("MALFORMED_ID", message, fields=["Id"])
        return normal(identifier)

    def _body(self, row: Sequence[str]) -> Body:
        """Empty values are left out; the word for null sets null."""
        body: Body = {}
        for column, text in zip(self.columns, row, strict=True):
            if text == "" or (column.field.type == "id" and not column.parent):
                continue
            if column.parent:
                key = {column.field.name: text}
                body[column.parent] = None if text == NULL else key
            else:
                body[column.field.name] = None if text == NULL else value_of(column.field, text)
        return body


SAVES: Mapping[str, Callable[[Loading, Work, Sequence[str]], Saved]] = {
    "insert": Loading.insert,
    "update": Loading.update,
    "upsert": Loading.upsert,
    "delete": Loading.delete,
    "hardDelete": Loading.hard_delete,
}


def loading(job: Job, view: SObject, objects: Callable[[str], SObject | None]) -> Loading:
    """Raises BadData when the header does not fit the object and the operation."""
    columns = tuple(_column(view, objects, name) for name in job.header)
    names = {column.field.name for column in columns if not column.parent}
    if job.operation in ("delete", "hardDelete") and names - {"Id"}:
        raise BadData(f"InvalidBatch : {job.operation} data must contain only the field Id")
    if columns and job.external_id and job.external_id not in names | {"Id"}:
        raise BadData(f"InvalidBatch : Field name not found : {job.external_id}")
    return Loading(job=job, view=view, columns=columns)


def _column(view: SObject, objects: Callable[[str], SObject | None], name: str) -> Column:
    """`Field`, `Parent.External__c` or, for parents of several kinds, `Kind:Parent.External__c`."""
    relationship, dot, key = name.rpartition(".")
    if not dot:
        field = view.field(name)
        if field is None or not field.stored:
            raise BadData(f"InvalidBatch : Field name not found : {name}")
        return Column(field=field)
    kind, _, relationship = relationship.rpartition(":")
    reference = view.reference(relationship)
    targets = reference.reference_to if reference else ()
    target = objects(kind or (targets[0] if targets else ""))
    field = target.field(key) if target else None
    if reference is None or field is None or not field.id_lookup:
        raise BadData(f"InvalidBatch : Field name not found : {name}")
    return Column(field=field, parent=reference.relationship)


def value_of(field: Field, text: str) -> object:
    """The JSON value of a cell; refused in the words for cells."""
    if field.type == "boolean":
        if text.strip().lower() not in BOOLEANS:
            raise wrong_type(field, text)
        return BOOLEANS[text.strip().lower()]
    try:
        store(field, text)
    except Refusal as refusal:
        if refusal.code == "JSON_PARSER_ERROR":
            raise wrong_type(field, text) from None
        raise
    return text


def wrong_type(field: Field, text: str) -> Refusal:
    message = f"{field.label}: value not of required type: {text}"
    return Refusal("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[field.name])


def error_text(refusal: Refusal) -> str:
    """As recorded: code, message and fields; two dashes at the end."""
    code, message = refusal.code, refusal.message
    if code == "NOT_FOUND":
        code, message = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
    fields = ",".join(refusal.fields or ())
    return f"{code}:{message}:{fields} --" if fields else f"{code}:{message}:--"
