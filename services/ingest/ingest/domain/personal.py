"""Which values of a document are personal, about whom, and the document with them sealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.maps import Reading
from kernel.records import RecordRef
from kernel.values import Document, Sealed, Value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a root path, or a path in the line `index` of a list."""

    path: str
    list: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Personal:
    """A value to seal. `path` is the field of the kind whose reading names it as personal, so that
    `Account.Name` seals alike in its own document and inside another one."""

    place: Place
    subject: str
    path: str
    value: Value


def personal_values(document: Document, reading: Reading, ref: RecordRef) -> list[Personal]:
    """Every personal value that is there; an empty field has nothing to seal."""
    found = [*_root_values(document, reading, ref, ""), *_line_values(document, reading, ref)]
    return [personal for personal in found if personal.value is not None]


def with_sealed(
    document: Document, personal: Sequence[Personal], sealed: Sequence[Sealed]
) -> Document:
    by_place: dict[Place, Value] = {
        item.place: value for item, value in zip(personal, sealed, strict=True)
    }
    return Document(
        {path: by_place.get(Place(path), value) for path, value in document.fields.items()},
        {
            name: tuple(
                {path: by_place.get(Place(path, name, at), value) for path, value in line.items()}
                for at, line in enumerate(lines)
            )
            for name, lines in document.lines.items()
        },
    )


def _root_values(
    document: Document, reading: Reading, ref: RecordRef, prefix: str
) -> Iterator[Personal]:
    own = _subject(document.fields, reading, ref, prefix)
    for path in sorted(reading.personal):
        value = document.fields.get(prefix + path)
        origin = _origin(document.fields, reading, ref, path)
        subject, sealed_path = origin or (own, f"{reading.kind}.{path}")
        yield Personal(Place(prefix + path), subject, sealed_path, value)
    for parent, inner in reading.embedded.items():
        yield from _root_values(document, inner, ref, f"{prefix}{parent}.")


def _origin(
    fields: Mapping[str, Value], reading: Reading, ref: RecordRef, path: str
) -> tuple[str, str] | None:
    """Subject and path of a value that was read in the other system first."""
    sealed_as = reading.sealed_as.get(path)
    origin_id = fields.get(sealed_as.id_field) if sealed_as else None
    if sealed_as is None or not isinstance(origin_id, str) or not origin_id:
        return None
    return str(RecordRef(ref.system.other, sealed_as.kind, origin_id)), sealed_as.path


def _line_values(document: Document, reading: Reading, ref: RecordRef) -> Iterator[Personal]:
    subject = _subject(document.fields, reading, ref, "")
    for name, paths in reading.personal_lines.items():
        for at, line in enumerate(document.lines.get(name, ())):
            for path in sorted(paths):
                yield Personal(Place(path, name, at), subject, f"{name}.{path}", line.get(path))


def _subject(fields: Mapping[str, Value], reading: Reading, ref: RecordRef, prefix: str) -> str:
    """The ref of the record the document is about; its own where it names none."""
    subject_id = fields.get(prefix + reading.subject.id) if reading.subject else None
    if reading.subject is None or not isinstance(subject_id, str) or not subject_id:
        return str(ref)
    return str(RecordRef(ref.system, reading.subject.kind, subject_id))
