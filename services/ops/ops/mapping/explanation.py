"""`tallystick maps explain`: all that the map says of one field, by either system's name."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from kernel.maps import CONVERSIONS, OWNERS, RETENTIONS, Maps
from kernel.maps.filters import words
from kernel.verdicts import SYSTEM_NAMES
from ops.mapping.travels import Travel, all_travels
from ops.render.lines import hanging

LABEL = 14
CLOSE_MAX = 5


def asked_for(maps: Maps, name: str) -> list[Travel]:
    """The rows that read or write a field of this name; the more of its path is given, the fewer.

    `email`, `Name`, `Account.Name`, `customer.email`: letters' case does not matter.
    """
    wanted = name.casefold()
    every = all_travels(maps)
    for level in (_full_names, _own_names, _last_names):
        found = [travel for travel in every if wanted in level(travel)]
        if found:
            return found
    return []


def close_to(maps: Maps, name: str) -> list[str]:
    known = {
        text.casefold(): text
        for travel in all_travels(maps)
        for text in (travel.read, travel.write)
        if text
    }
    near = get_close_matches(name.casefold(), known, n=CLOSE_MAX, cutoff=0.6)
    return [known[text] for text in near]


def explanation(maps: Maps, travels: Sequence[Travel], width: int) -> list[str]:
    return [line for travel in travels for line in _one(maps, travel, width)]


def _one(maps: Maps, travel: Travel, width: int) -> Iterator[str]:
    yield from hanging("", " → ".join(filter(None, (travel.source, travel.target))), width)
    for label, text in _said(maps, travel):
        yield from hanging(f"  {label}", text, width, LABEL)
    yield ""


def _said(maps: Maps, travel: Travel) -> Iterator[tuple[str, str]]:
    yield "why", travel.purpose
    yield "read", _read(travel)
    yield "written", f"to {travel.destination}" if travel.write else "nowhere: only decided by"
    if travel.convert:
        yield "converted", f"{travel.convert}: {CONVERSIONS[travel.convert]}"
    if travel.owner:
        yield "owner", f"{travel.owner}: {OWNERS[travel.owner]}"
    yield "personal", _personal(travel)
    yield "kept", f"{travel.retention}: {RETENTIONS[travel.retention]}"
    for item in travel.filters:
        yield "filter", f"{item.name}: {words(item.when)}: {item.purpose}"
    for carrier in maps.maps:
        for path, name in carrier.embeds.items():
            if name == travel.record_map.name and not travel.read_list and travel.read:
                yield "read along", f"with {carrier.source_kind}, as {path}.{travel.read}"
    state = "" if travel.record_map.enabled else " (switched off)"
    yield "map", f"{travel.record_map.name}{state}, {_file_and_line(travel.place)}"


def _read(travel: Travel) -> str:
    if travel.computed:
        return "worked out from the whole document"
    if not travel.read:
        return f"not at all: {travel.origin}"
    source = f"from {SYSTEM_NAMES[travel.record_map.source]} {travel.record_map.source_kind}"
    return f"{source}; where it is empty: {travel.value}" if travel.value else source


def _personal(travel: Travel) -> str:
    subject = travel.record_map.subject
    if not travel.personal or subject is None:
        return "no"
    return f"yes, about the {subject.kind} named by {subject.id}; sealed in the log"


def _file_and_line(place: str) -> str:
    return place.rpartition("/")[2]


def _full_names(travel: Travel) -> set[str]:
    return {travel.source.casefold(), travel.target.casefold()}


def _own_names(travel: Travel) -> set[str]:
    return {travel.read.casefold(), travel.write.casefold()}


def _last_names(travel: Travel) -> set[str]:
    names = (travel.read, travel.write)
    parts = {part for name in names for part in (name.rpartition(".")[2], name.partition(".")[0])}
    return {part.casefold() for part in parts}
