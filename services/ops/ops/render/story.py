"""The story of a record as a person would tell it: captured, decided, written, told, ended."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from kernel.records import RecordRef
from ops.render.heading import heading, link
from ops.render.lines import counted, hanging, with_remark
from ops.render.shapes import Chapter, Step, Story
from ops.render.steps import Said, said_of
from ops.render.times import clock_time, moment, offset_of, since, span
from ops.render.values import Opened, fields_of, short, short_ref
from ops.render.verdict import place

TIME_WIDTH, WORD_WIDTH = 15, 11
INDENT = TIME_WIDTH + WORD_WIDTH
OWN_ECHO = "OWN_ECHO"


def story_lines(
    story: Story, opened: Opened, now: datetime, width: int, zone: tzinfo | None = None
) -> list[str]:
    """`zone` None is the reader's own."""
    lines = [*_head(story, opened, width), *_zone_line(story, zone)]
    is_one = len(story["chapters"]) == 1
    for number, chapter in enumerate(story["chapters"], 1):
        title = "" if is_one else f"{number}. {short_ref(chapter['ref'])}"
        lines += ["", *_chapter(chapter, title, opened, now, width, zone)]
    return lines


def candidates_lines(asked: str, candidates: Sequence[str]) -> list[str]:
    """For a bare id that several records have, or none."""
    if not candidates:
        return [f"Nothing is known of {asked}: no record in the log names it."]
    return [
        f"{asked} is {len(candidates)} records. Name the one you mean:",
        *(f"  tallystick trace {ref}" for ref in candidates),
    ]


def _head(story: Story, opened: Opened, width: int) -> Iterator[str]:
    ref = RecordRef.parse(story["ref"])
    yield from hanging("", heading(ref, fields_of(story["heading"]), opened), width, 0)
    for half in story["links"]:
        text = link(RecordRef.parse(half["ref"]), fields_of(half["known"]), opened)
        yield from hanging("linked to ", text, width)
    if not story["links"]:
        yield "not linked to a record of the other system yet"
    if story["older_left_out"]:
        yield f"{counted(story['older_left_out'], 'older change')} and more are left out here"


def _zone_line(story: Story, zone: tzinfo | None) -> Iterator[str]:
    for chapter in story["chapters"]:
        for step in chapter["steps"]:
            at = moment(step["at"], zone)
            yield f"{at.date().isoformat()}, times in {offset_of(at)}"
            return


def _chapter(
    chapter: Chapter, title: str, opened: Opened, now: datetime, width: int, zone: tzinfo | None
) -> Iterator[str]:
    if title:
        at = moment(chapter["steps"][0]["at"], zone)
        yield f"{title}  {at.date().isoformat()}  change {short(chapter['event_id'])}"
    if _is_echo(chapter["steps"]):
        yield from _echo(chapter["steps"], zone, width)
        return
    commands = {step["id"]: step for step in chapter["steps"] if step["step"] == "decided"}
    before: datetime | None = None
    for step in chapter["steps"]:
        at = moment(step["at"], zone)
        said = list(said_of(step, commands, chapter["took_ms"], opened))
        yield from _step(step, said, at, before, width)
        before = at
    yield from _end(chapter, now, width)


def _is_echo(steps: Sequence[Step]) -> bool:
    """Captured, seen to be our own write, and nothing else."""
    kinds = [step["step"] for step in steps]
    return kinds == ["captured", "ended"] and steps[1]["code"] == OWN_ECHO


def _echo(steps: Sequence[Step], zone: tzinfo | None, width: int) -> Iterator[str]:
    captured, ended = (moment(step["at"], zone) for step in steps)
    label = f" {clock_time(captured)}".ljust(TIME_WIDTH) + "echo"
    text = f"of our own write, filtered in {span((ended - captured).total_seconds())}"
    lines = hanging(label, text, width, INDENT)
    yield from with_remark(lines, place(steps[0]["coordinates"]), width, INDENT)


def _step(
    step: Step, told: Sequence[Said], at: datetime, before: datetime | None, width: int
) -> Iterator[str]:
    for number, said in enumerate(told):
        time = f" {clock_time(at)}" if not number else ""
        label = f"{time.ljust(TIME_WIDTH)}{said.word}"
        lines = hanging(label, said.text, width, INDENT)
        yield from with_remark(lines, _remark(step, said, number, at, before), width, INDENT)


def _remark(step: Step, said: Said, number: int, at: datetime, before: datetime | None) -> str:
    """Where it stands in the log, and how long after the step before."""
    if number:
        return said.remark
    later = f"+{span((at - before).total_seconds())}" if before else ""
    copies = step.get("copies") or []
    again = f"and {counted(len(copies), 'copy', 'copies')}" if copies else ""
    return "  ".join(filter(None, [said.remark, later, place(step["coordinates"]), again]))


def _end(chapter: Chapter, now: datetime, width: int) -> Iterator[str]:
    state, captured = chapter["state"], chapter["captured_at"]
    if captured and state == "in_flight":
        yield f" in flight since {since(captured, now)}: no outcome yet"
    elif captured and chapter["ended_at"] is None:
        yield f" {state} since {since(captured, now)}"
    for kind, endings in (
        ("again", chapter["contradicting"]),
        ("after that", chapter["reopening"]),
    ):
        for ending in endings:
            text = f"and {kind}: {ending['result']} at {place(ending['coordinates'])}, a fault"
            yield from hanging(" ", text, width)
