"""One step of a story in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kernel.records import RecordRef
from kernel.sentences import SEALED_TEXT, say
from kernel.values import Sealed, Value
from ops.render.lines import counted, listed
from ops.render.shapes import Document, Step
from ops.render.times import span
from ops.render.values import Opened, fields_of, short, short_ref, text_of

FIELDS_SHOWN_MAX = 4
KINDS = {
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "undelete": "undeleted",
    "snapshot": "read",
}
WORDS = {
    "unchanged": "unchanged",
    "superseded": "superseded",
    "parked": "held",
    "dead": "dead",
}
WRITTEN, APPLIED = "WRITTEN", "APPLIED"
"""Codes whose sentence says no more than the word beside it."""
MAP_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Said:
    """A word for what happened, and the words for it; `remark` is small print."""

    word: str
    text: str
    remark: str = ""


def said_of(
    step: Step, commands: Mapping[str | None, Step], took_ms: int | None, opened: Opened
) -> Iterator[Said]:
    """The step itself and what belongs to it. `commands` by their ids; `took_ms` is how long the
    whole change took, where it has ended."""
    match step["step"]:
        case "captured":
            yield Said("captured", _captured(step, opened))
        case "decided":
            yield Said("decided", _decided(step), _map(step))
        case "answered":
            yield from _answered(step, commands.get(step["command_id"]), opened)
        case "ended":
            yield Said("ended", _ended(step, took_ms, opened))
            yield from _path(step)
        case "waits":
            word = "waits" if step["result"] == "parked" else "review"
            yield Said(word, _sentence(step, opened))
            yield from _path(step)
        case "unreadable":
            yield Said("unreadable", step["problem"])
        case _:
            yield Said("noted", step["type"] or "a record of another kind")


def _captured(step: Step, opened: Opened) -> str:
    captures = step["captures"]
    user = captures[-1]["user"] if captures else ""
    by = f", by user {short(user)}" if user not in {"", "system"} else ""
    names = list(dict.fromkeys(name for capture in captures for name in capture["changed"]))
    document = step["document"]
    if step["kind"] == "update" and names:
        return f"{_changed(names, document, opened)}{by}"
    what = f"{short_ref(step['ref'])} {KINDS.get(step['kind'], step['kind'])}{by}"
    return what if document else f"{what}; nothing was read"


def _changed(names: list[str], document: Document | None, opened: Opened) -> str:
    """`StageName → Closed Won`; a field that is not read shows by its name."""
    known = fields_of(document["fields"]) if document else {}
    shown = [
        f"{name} → {text_of(known[name], opened)}" if name in known else name for name in names
    ]
    shown.sort(key=lambda text: "→" not in text)
    return ", ".join(listed(shown, FIELDS_SHOWN_MAX))


def _decided(step: Step) -> str:
    target = RecordRef.parse(step["target"] or "")
    document = step["document"] or {"fields": {}, "lines": {}}
    lines = sum(map(len, document["lines"].values()))
    verb = "write" if target.external_id is not None else "update"
    size = counted(len(document["fields"]), "field")
    more = f", {counted(lines, 'line')}" if lines else ""
    name = target.kind if target.external_id is not None else short_ref(step["target"])
    again = f" (round {step['round']})" if step["round"] else ""
    return f"{verb} {name}: {size}{more}{again}"


def _map(step: Step) -> str:
    return f"map {step['map_hash'][:MAP_SHOWN]}…" if step.get("map_hash") else ""


def _answered(step: Step, command: Step | None, opened: Opened) -> Iterator[Said]:
    target = str(step["target"] or "")
    if step["result"] != "applied":
        yield Said(WORDS.get(step["result"], step["result"]), _sentence(step, opened))
    elif target.startswith("salesforce:"):
        yield Said("told", f"{short_ref(target)}: {_fields(command, opened)}", _effort(step))
    else:
        text = short_ref(step["written"] or target)
        yield Said(
            "written", text if step["code"] == WRITTEN else _sentence(step, opened), _effort(step)
        )
    yield from _path(step)
    if step["read_back"] and step["read_back"]["fields"]:
        yield Said("confirmed", _document(step["read_back"], opened))


def _ended(step: Step, took_ms: int | None, opened: Opened) -> str:
    took = f" in {span(took_ms / 1000)}" if took_ms is not None else ""
    sentence = "" if step["code"] == APPLIED else f": {_sentence(step, opened)}"
    return f"{step['result']}{took}{sentence}"


def _effort(step: Step) -> str:
    took = span(step["duration_ms"] / 1000)
    return f"{took}, attempt {step['attempts']}" if step["attempts"] else ""


def _fields(command: Step | None, opened: Opened) -> str:
    if not command or not command["document"]:
        return "its command is not at hand"
    return _document(command["document"], opened)


def _document(document: Document, opened: Opened) -> str:
    texts = [f"{name} = {text_of(value, opened)}" for name, value in _filled(document)]
    return ", ".join(listed(texts, FIELDS_SHOWN_MAX)) or "all of it is empty"


def _filled(document: Document) -> Iterator[tuple[str, Value]]:
    return (
        (name, value) for name, value in fields_of(document["fields"]).items() if value is not None
    )


def _sentence(step: Step, opened: Opened) -> str:
    return say(step["code"], fields_of(step["params"]), _opener(opened))


def _opener(opened: Opened) -> Callable[[Sealed], str]:
    return lambda sealed: str(opened.get(sealed, SEALED_TEXT))


def _path(step: Step) -> Iterator[Said]:
    if step["path"]:
        yield Said("", f"because: {' · '.join(step['path'])}")
