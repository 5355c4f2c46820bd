"""`tallystick maps diff`: what an overlay changes against the shipped map, in words."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from kernel.maps import Maps, RecordMap
from kernel.maps.filters import words
from ops.mapping.travels import Travel, title_of, travels_of
from ops.render.lines import hanging

Row = TypeVar("Row")
ASKED = ("origin", "convert", "owner", "purpose", "personal", "retention")
NAMES = {"origin": "source", "convert": "conversion"}
HEADS = ("part", "subject", "embeds", "reads_back", "keeps", "enabled")
YES_NO = {True: "yes", False: "no"}


def differences(shipped: Maps, effective: Maps) -> dict[str, list[str]]:
    """Map → sentences. Empty where the overlay changes nothing."""
    before = {item.name: item for item in shipped.maps}
    after = {item.name: item for item in effective.maps}
    found = {
        name: list(_of_map(before.get(name), after[name]))
        for name in after  # an overlay cannot take a map out, only switch it off
    }
    return {name: sentences for name, sentences in found.items() if sentences}


def told(found: Mapping[str, list[str]], width: int) -> list[str]:
    lines = []
    for name, sentences in found.items():
        lines.append(name)
        lines += [line for text in sentences for line in hanging("  ", text, width, 4)]
    return lines or ["The overlay changes nothing."]


def _of_map(before: RecordMap | None, after: RecordMap) -> Iterator[str]:
    if before is None:
        yield f"is new: {title_of(after)}"
    else:
        yield from _heads(before, after)
    yield from _filters(before, after)
    old = {_key(travel): travel for travel in travels_of(before)} if before else {}
    new = {_key(travel): travel for travel in travels_of(after)}
    for key, travel in new.items():
        if key not in old:
            yield f"{_name(travel)} is new: {_described(travel)}"
        else:
            yield from _changes(old[key], travel)
    for key, travel in old.items():
        if key not in new:
            yield f"{_name(travel)} is no longer {'written' if travel.write else 'read'}"


def _heads(before: RecordMap, after: RecordMap) -> Iterator[str]:
    if title_of(before) != title_of(after):
        yield f"goes {title_of(after)} instead of {title_of(before)}"
    for name in HEADS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{name}: {_word(old)} becomes {_word(new)}"


def _filters(before: RecordMap | None, after: RecordMap) -> Iterator[str]:
    old = {item.name: item for item in before.filters} if before else {}
    new = {item.name: item for item in after.filters}
    for name, item in new.items():
        if name not in old:
            yield f"filter {name} is new: where {words(item.when)}: {item.purpose}"
        elif item != old[name]:
            yield f"filter {name} now asks: {words(item.when)} (was: {words(old[name].when)})"
    yield from (f"filter {name} is gone" for name in old if name not in new)


def _key(travel: Travel) -> tuple[str, str, str]:
    """A row is known by what it writes, one that only decides by what it reads."""
    if travel.write:
        return ("write", travel.read_list, travel.write)
    return ("read", travel.read_list, travel.read)


def _name(travel: Travel) -> str:
    return travel.target or travel.source


def _described(travel: Travel) -> str:
    if not travel.write:
        return travel.purpose
    personal = ", personal" if travel.personal else ""
    by = f" by {travel.convert}" if travel.convert else ""
    return f"from {travel.origin}{by}, owned by {travel.owner}{personal}: {travel.purpose}"


def _changes(old: Travel, new: Travel) -> Iterator[str]:
    for name in ASKED:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            label = NAMES.get(name, name)
            yield f"{_name(new)}: {label} '{_word(was)}' becomes '{_word(now)}'"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return YES_NO[value]
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, Mapping):
        return ", ".join(f"{path} by {name}" for path, name in value.items()) or "nothing"
    return str(value) if value else "nothing"
