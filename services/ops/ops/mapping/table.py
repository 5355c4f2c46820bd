"""`tallystick maps show`: the effective map, a line for each field."""

from collections.abc import Iterator, Sequence

from kernel.maps import Maps, RecordMap
from kernel.maps.filters import words
from ops.mapping.travels import Travel, title_of, travels_of
from ops.render.lines import counted, hanging, with_remark

INDENT = 4


def table(maps: Maps, shown: Sequence[RecordMap], width: int) -> list[str]:
    lines = [line for record_map in shown for line in _map(record_map, width)]
    return [*lines, *hanging("", f"Map {maps.hash}: {_counted(shown)}.", width)]


def summary(maps: Maps) -> str:
    return f"The map is in order: {_counted(maps.maps)}. Its hash is {maps.hash}."


def _counted(shown: Sequence[RecordMap]) -> str:
    travels = [travel for record_map in shown for travel in travels_of(record_map)]
    written = sum(bool(travel.write) for travel in travels)
    personal = sum(travel.personal for travel in travels)
    filters = sum(len(record_map.filters) for record_map in shown)
    return (
        f"{counted(len(shown), 'map')}, {counted(written, 'field')} written,"
        f" {len(travels) - written} read to decide ({personal} of both personal),"
        f" {counted(filters, 'filter')}"
    )


def _map(record_map: RecordMap, width: int) -> Iterator[str]:
    yield from hanging("", f"{record_map.name}: {title_of(record_map)}", width)
    yield from _notes(record_map, width)
    travels = list(travels_of(record_map))
    for travel in travels:
        if travel.write:
            yield from with_remark(_arrow(travel, width), _remark(travel), width, 2 * INDENT)
    for item in record_map.filters:
        said = f"filter {item.name}: not sent where {words(item.when)}; {item.purpose}"
        yield from hanging("  ", said, width, INDENT)
    decided = [_path(travel.read_list, travel.read) for travel in travels if not travel.write]
    if decided:
        yield from hanging("  ", f"read to decide: {', '.join(decided)}", width, INDENT)
    yield ""


def _notes(record_map: RecordMap, width: int) -> Iterator[str]:
    if not record_map.enabled:
        yield "  Switched off: an overlay that says 'enabled: yes' switches it on."
    for path, name in record_map.embeds.items():
        yield from hanging("  ", f"{path} is read along, as map {name} says", width, INDENT)
    if record_map.keeps:
        yield from hanging(
            "  ", "the newest document is kept for decisions on others", width, INDENT
        )
    if record_map.reads_back:
        said = f"read back after a write: {', '.join(record_map.reads_back)}"
        yield from hanging("  ", said, width, INDENT)


def _arrow(travel: Travel, width: int) -> list[str]:
    through = f" by {travel.convert}" if travel.convert else ""
    made = _path(travel.read_list, travel.origin)
    written = _path(travel.write_list, travel.write)
    return hanging("  ", f"{made} → {written}{through}", width, INDENT)


def _remark(travel: Travel) -> str:
    return f"{travel.owner}, personal" if travel.personal else str(travel.owner)


def _path(in_list: str, name: str) -> str:
    return f"{in_list}.{name}" if in_list else name
