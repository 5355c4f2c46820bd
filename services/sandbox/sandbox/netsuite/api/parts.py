"""What lies below a record's address: sublists, lines, subrecords, records it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.allowed import require
from sandbox.netsuite.api.view import shown, view_of
from sandbox.netsuite.api.wire import COLLECTION, Call, answer
from sandbox.netsuite.catalog import Property, Shape, spelled
from sandbox.netsuite.errors import not_found
from sandbox.netsuite.records.merge import KEYS, key_of
from sandbox.netsuite.records.references import target_family
from sandbox.netsuite.records.render import View, Writer, line_key, links_to, render
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, text

PARTS_MAX, DIGITS_MAX = 8, 9


def read_part(work: Work, call: Call, entry: Entry, path: list[str]) -> web.Response:
    """The path's names are taken in any case; each step may be a sublist, a line, a subrecord."""
    record = work.account.catalog[entry.kind.path]
    view = view_of(call, record)
    walk = _Walk(work=work, call=call, view=view, kind=entry.kind.name)
    address = f"{view.base}/{entry.kind.path}/{entry.id}"
    if len(path) > PARTS_MAX:
        raise not_found()
    return walk.into(record.properties, shown(work, entry).document, path, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    work: Work
    call: Call
    view: View
    kind: str

    def into(
        self, properties: Mapping[str, Property], document: Document, path: list[str], address: str
    ) -> web.Response:
        name = spelled(properties, path[0])
        item = properties.get(name)
        if item is None:
            raise not_found()
        value, below, at = document.get(name), path[1:], f"{address}/{name}"
        match item.shape:
            case Shape.SUBLIST:
                return self._sublist(item, value, below, at)
            case Shape.SUBRECORD:
                return self._subrecord(item, value, below, at)
            case Shape.MULTISELECT if not below:
                body = self._writer().multiselect(item, value, self.call.address)
                return answer(200, body if isinstance(body, dict) else {}, COLLECTION)
            case Shape.REFERENCE if not below and isinstance(value, dict):
                return self._referenced(item, value)
            case _:
                raise not_found()

    def _writer(self) -> Writer:
        return Writer(self.work, self.kind, replace(self.view, expand=True))

    def _sublist(self, item: Property, value: Value, path: list[str], at: str) -> web.Response:
        held = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
        if not path:
            items: list[Value] = [
                self._writer().line(item, line, at, place)
                if self.view.expand
                else links_to(self.view, f"{at}/{line_key(item.name, line) or place}")
                for place, line in enumerate(held, start=1)
            ]
            body = {**self._self(), "items": items, "totalResults": len(items)}
            return answer(200, body, COLLECTION)
        line = _line(item.name, held, path[0])
        if line is None:
            raise not_found()
        if len(path) == 1:
            return answer(200, {**self._self(), **self._writer().inner(item, line, at)})
        return self.into(item.inner, line, path[1:], f"{at}/{path[0]}")

    def _subrecord(self, item: Property, value: Value, path: list[str], at: str) -> web.Response:
        document = value if isinstance(value, dict) else {}
        if path:
            return self.into(item.inner, document, path, at)
        return answer(200, {**self._self(), **self._writer().inner(item, document, at)})

    def _referenced(self, item: Property, value: Document) -> web.Response:
        """The record that a field names, read through the record that names it."""
        family, key = target_family(item), text(value, "id")
        found = self.work.store.load(family, int(key)) if family and _is_id(key) else None
        if found is None:
            raise not_found()
        require(self.work, found.kind, "GET")
        return answer(200, render(self.work, shown(self.work, found), self.view, self.call.address))

    def _self(self) -> Document:
        return links_to(self.view, self.call.address)


def _line(sublist: str, held: list[Document], key: str) -> Document | None:
    """By what its address ends with; a line that has a number is found by its key too, one that
    has neither by its place."""
    for name in (line_key, _key):
        for line in held:
            if name(sublist, line) == key:
                return line
    nameless = [line for line in held if not line_key(sublist, line)]
    place = int(key) if key.isdecimal() and len(key) < DIGITS_MAX else 0
    return nameless[place - 1] if 0 < place <= len(nameless) else None


def _key(sublist: str, line: Document) -> str:
    return key_of(line, KEYS.get(sublist, ""))


def _is_id(key: str) -> bool:
    return key.lstrip("-").isdigit()
