"""The documents that are generated: ownership matrix, field glossary, error catalogue."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from kernel.maps import CONVERSIONS, OWNERS, RETENTIONS, Maps, RecordMap
from kernel.maps.filters import words
from kernel.sentences import KINDS, ROLES, SENTENCES, Kind, Owner, Sentence
from kernel.verdicts import SYSTEM_NAMES
from ops.mapping.travels import Travel, title_of, travels_of

GENERATED = (
    "This page is written by `make docs` from {source}; a test fails when it is stale."
    " Change the source, not the page."
)
FROM_MAPS = GENERATED.format(source="`services/shared/kernel/maps/*.yaml`")
FROM_SENTENCES = GENERATED.format(source="`services/shared/kernel/sentences/*.py`")


def ownership_matrix(maps: Maps) -> Iterator[str]:
    yield from ("# Who owns which field", "", FROM_MAPS, "")
    yield (
        "Where both sides changed a field, its owner's value stands. A deployment's overlay can"
        " name other owners; `tallystick maps show` prints what is in force there."
    )
    yield ""
    yield from _table(("owner", "means"), OWNERS.items())
    for record_map in maps.maps:
        written = [travel for travel in travels_of(record_map) if travel.write]
        if written:
            yield from ("", f"## {title_of(record_map)}{_state(record_map)}", "")
            yield from _table(
                ("from", "to", "owner", "how"),
                ((_made(travel), _to(travel), travel.owner, _how(travel)) for travel in written),
            )


def field_glossary(maps: Maps) -> Iterator[str]:
    yield from ("# Which fields travel, and why", "", FROM_MAPS, "")
    yield (
        "A field that stands on no row here is not read: it never leaves its own system. What a map"
        " writes is read over there too, so that somebody's edit of it is noticed."
        " Personal values are sealed before they are stored; only a writer's last step opens them."
        " A field whose destination is the log is only decided by."
    )
    yield ""
    yield from _table(("kept", "means"), RETENTIONS.items())
    yield ""
    yield from _table(("conversion", "does"), CONVERSIONS.items())
    for record_map in maps.maps:
        yield from ("", f"## {title_of(record_map)}{_state(record_map)}", "")
        yield from _notes(record_map)
        yield from _table(
            ("field", "purpose", "owner", "destination", "kept", "personal"),
            (_glossed(travel) for travel in travels_of(record_map)),
        )


def error_catalogue(maps: Maps) -> Iterator[str]:
    yield from ("# What a code means, and who does what", "", FROM_SENTENCES, "")
    yield (
        "Each outcome carries a code; its sentence, filled with the record's own values, stands on"
        " the record in Salesforce and in `tallystick status` and `tallystick trace`."
        " `tallystick errors CODE` prints one entry. Words in braces are filled in."
    )
    yield ""
    yield from _table(("who acts", "is who"), ROLES.items())
    for kind, meaning in KINDS.items():
        found = {code: item for code, item in SENTENCES.items() if item.kind is kind}
        if found:
            title = "Ended as it should" if kind is Kind.END else kind.capitalize()
            yield from ("", f"## {title}", "", f"What has to change: {meaning}.", "")
            yield from _table(
                ("code", "who acts", "says", "remedy", "goes on by itself"),
                ((f"`{code}`", *_catalogued(found[code])) for code in sorted(found)),
            )


DOCUMENTS: Mapping[str, Callable[[Maps], Iterator[str]]] = {
    "ownership-matrix.md": ownership_matrix,
    "field-glossary.md": field_glossary,
    "errors.md": error_catalogue,
}


def text_of(name: str, maps: Maps) -> str:
    return "\n".join(DOCUMENTS[name](maps)) + "\n"


def is_stale(directory: Path, name: str, maps: Maps) -> bool:
    path = directory / name
    return not path.exists() or path.read_text() != text_of(name, maps)


def write(directory: Path, name: str, maps: Maps) -> None:
    (directory / name).write_text(text_of(name, maps))


def goes_on(sentence: Sentence) -> str:
    """Whether the record goes on by itself once the cause is gone."""
    if sentence.kind is Kind.END:
        return "it has ended"
    return "yes" if sentence.heals else "no"


def _catalogued(sentence: Sentence) -> tuple[str, ...]:
    owner = "-" if sentence.owner is Owner.NOBODY else str(sentence.owner)
    return (owner, sentence.what, sentence.remedy or "-", goes_on(sentence))


def _notes(record_map: RecordMap) -> Iterator[str]:
    notes = [f"Map `{record_map.name}`."]
    if record_map.subject:
        about = f"the {record_map.subject.kind} named by `{record_map.subject.id}`"
        notes.append(f"Personal values are about {about}.")
    notes += [
        f"`{path}` is read along, as map `{name}` says." for path, name in record_map.embeds.items()
    ]
    if record_map.keeps:
        notes.append("The newest document is kept for decisions on other records.")
    if record_map.reads_back:
        fields = ", ".join(f"`{name}`" for name in record_map.reads_back)
        notes.append(f"Read back from {SYSTEM_NAMES[record_map.target]} after a write: {fields}.")
    notes += [
        f"Filter `{item.name}`: not sent where {words(item.when)}; {item.purpose}."
        for item in record_map.filters
    ]
    yield from (" ".join(notes), "")


def _glossed(travel: Travel) -> tuple[object, ...]:
    owner = travel.owner or "-"
    return (
        _field(travel),
        travel.purpose,
        owner,
        f"`{travel.target}`" if travel.write else "the log",
        travel.retention,
        "yes" if travel.personal else "no",
    )


def _field(travel: Travel) -> str:
    """A constant has no field of its own: it is named by what it is."""
    return f"`{travel.source}`" if travel.source and not travel.computed else travel.origin


def _made(travel: Travel) -> str:
    inside = f"{travel.read_list}." if travel.read_list else ""
    is_field = travel.read and not travel.computed
    return f"`{inside}{travel.read}`" if is_field else travel.origin


def _to(travel: Travel) -> str:
    inside = f"{travel.write_list}." if travel.write_list else ""
    return f"`{inside}{travel.write}`"


def _how(travel: Travel) -> str:
    otherwise = f"else {travel.value}" if travel.read and travel.value else ""
    return ", ".join(filter(None, (travel.convert, otherwise))) or "as it is"


def _state(record_map: RecordMap) -> str:
    return "" if record_map.enabled else " (switched off)"


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    names = tuple(heads)
    yield _row(names)
    yield _row("---" for _ in names)
    for row in rows:
        yield _row(row)


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"
