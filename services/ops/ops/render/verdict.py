"""What `verify` found, as sentences: the count, the law, and exactly what is missing."""

from collections.abc import Iterator
from datetime import datetime

from ops.render.lines import counted, hanging, with_remark
from ops.render.shapes import Conservation, Coordinates, Fault, LogCount, Range, Verification
from ops.render.times import since, span

LABEL = 15
ORDER = (
    "applied", "unchanged", "filtered", "superseded", "rejected", "dead", "parked", "review",
    "in_flight",
)  # fmt: skip
RUNBOOK = "docs/runbooks/verify-fails.md"


def verdict(found: Verification, now: datetime, width: int) -> list[str]:
    return [
        *hanging("Log ↔ store", _log(found["log"]), width, LABEL),
        *_ranges(found["log"], width),
        *hanging("Conservation", _law(found["conservation"], now), width, LABEL),
        *_faults(found["conservation"], width),
        *_guard(found, width),
        *with_remark([_conclusion(found)], f"({span(found['took_s'])})", width, 0),
        *([] if found["holds"] else [f"What to do: {RUNBOOK}"]),
    ]


def place(at: Coordinates) -> str:
    return f"{at['topic']} [{at['partition']}] @ {at['offset']}"


def _log(log: LogCount) -> str:
    what = (
        f"{counted(log['topics'], 'topic')}, {counted(log['partitions'], 'partition')},"
        f" {counted(log['records'], 'record')}: "
    )
    wrong = []
    if log["missing"]:
        verb = "has" if log["missing"] == 1 else "have"
        wrong.append(f"{counted(log['missing'], 'offset')} {verb} no row")
    if log["behind"]:
        verb = "is" if log["behind"] == 1 else "are"
        wrong.append(f"{counted(log['behind'], 'record')} {verb} not stored yet")
    if log["beyond_ranges"]:
        wrong.append("the store holds offsets that the log does not have")
    return what + (" and ".join(wrong) or "every offset has its row")


def _ranges(log: LogCount, width: int) -> Iterator[str]:
    kinds = {
        "missing": log["missing_ranges"],
        "not stored": log["behind_ranges"],
        "not in log": log["beyond_ranges"],
    }
    for kind, ranges in kinds.items():
        for part in ranges:
            yield from hanging(f"  {kind}", _range(part), width, LABEL)


def _range(part: Range) -> str:
    last = "" if part["first"] == part["last"] else f"-{part['last']}"
    return f"{part['topic']} [{part['partition']}] @ {part['first']}{last}"


def _law(law: Conservation, now: datetime) -> str:
    """Each state with its number; a result that there is not comes last."""
    names = [*ORDER, *sorted(law["states"].keys() - set(ORDER))]
    terms = [f"{law['states'].get(name, 0):,} {name.replace('_', ' ')}" for name in names]
    text = f"{counted(law['captured'], 'change')} = {' + '.join(terms)}"
    oldest = law["oldest_in_flight"]
    return f"{text} (oldest {since(oldest, now)})" if oldest else text


def _faults(law: Conservation, width: int) -> Iterator[str]:
    for fault in law["faults"]:
        yield from hanging("  fault", _fault(fault), width, LABEL)
    if (more := law["fault_count"] - len(law["faults"])) > 0:
        yield from hanging("", f"and {counted(more, 'change')} more", width, LABEL)


def _fault(fault: Fault) -> str:
    pairs = zip(fault["results"], fault["outcomes"], strict=True)
    ends = ", ".join(f"{result or 'no result'} at {place(at)}" for result, at in pairs)
    who = f"Change {fault['event_id']} of {fault['ref'] or 'an unknown record'}"
    captured = f" It was captured at {place(fault['change'])}." if fault["change"] else ""
    match fault["kind"]:
        case "second_final":
            return f"{who} ended more than once: {ends}.{captured}"
        case "reopened":
            return f"{who} waits again although it had ended: {ends}.{captured}"
        case "no_change":
            return f"{who} is not in the log, but has outcomes: {ends}."
        case _:
            return f"{who} has an outcome with a result that there is not: {ends}.{captured}"


def _guard(found: Verification, width: int) -> list[str]:
    if found["guarded"]:
        return []
    text = (
        "The protection of the store against changes is switched off: rows may have been altered."
        " SRE: find out who did it and when, then start the auditor again; it switches it on."
    )
    return hanging("Protection", text, width, LABEL)


def _conclusion(found: Verification) -> str:
    if found["holds"]:
        return "Nothing is missing."
    if not found["caught_up"]:
        return "Not proved: the store is behind the log."
    return "Something is wrong."
