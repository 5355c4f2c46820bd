"""What PATCH means: which lines are met, which are added, which go."""

from dataclasses import dataclass

from sandbox.netsuite.values import Document, Value, lines, put_lines, ref

KEYS = {
    "item": "line",
    "addressBook": "id",
    "currencyList": "currency",
    "apply": "doc",
    "deposit": "doc",
    "credit": "doc",
    "line": "line",
    "taxDetails": "taxDetailsReference",
    "salesTeam": "employee",
    "contactRoles": "contact",
}
"""Keyed sublists and their key. All others are unkeyed: what is sent is added."""
SECOND_KEYS = {"apply": "line"}
"""A line without the key may be named by this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The query parameters of a write."""

    replace: frozenset[str] = frozenset()
    selected_only: bool = False
    """`replaceSelectedFields`: of the nulls only those in `replace` clear."""


def merge(document: Document, patch: Document, wish: Wish) -> None:
    for name, value in patch.items():
        if isinstance(value, list):
            _merge_lines(document, name, value, replace=name in wish.replace)
        elif value is None:
            if not wish.selected_only or name in wish.replace:
                document.pop(name, None)
        elif isinstance(value, dict) and name.endswith("Address"):
            held = document.get(name)
            base = dict(held) if isinstance(held, dict) else {}
            merge(base, value, Wish())
            document[name] = base
        else:
            document[name] = value


def _merge_lines(document: Document, name: str, sent: list[Value], *, replace: bool) -> None:
    key = KEYS.get(name, "")
    held = lines(document, name)
    second = SECOND_KEYS.get(name, "")
    by_key = {key_of(line, key): line for line in held} if key else {}
    by_second = {key_of(line, second): line for line in held} if second else {}
    met: list[Document] = []
    for line in sent:
        if not isinstance(line, dict):
            continue
        target = by_key.get(key_of(line, key)) if key and key_of(line, key) else None
        if second and not key_of(line, key):
            target = by_second.get(key_of(line, second))
        if target is None:
            target = {}
            held.append(target)
        merge(target, line, Wish())
        met.append(target)
    if replace:
        held = [line for line in held if any(line is one for one in met)]
    put_lines(document, name, held)


def key_of(line: Document, key: str) -> str:
    value = line.get(key)
    return ref(line, key) if isinstance(value, dict) else "" if value is None else str(value)
