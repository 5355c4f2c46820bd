"""The auditor's answers as they come over the wire."""

from typing import Literal, TypedDict

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonFields = dict[str, Json]


class Coordinates(TypedDict):
    topic: str
    partition: int
    offset: int


class Range(TypedDict):
    topic: str
    partition: int
    first: int
    last: int


class LogCount(TypedDict):
    topics: int
    partitions: int
    records: int
    missing: int
    behind: int
    missing_ranges: list[Range]
    behind_ranges: list[Range]
    beyond_ranges: list[Range]


class Fault(TypedDict):
    kind: str
    event_id: str
    ref: str | None
    change: Coordinates | None
    outcomes: list[Coordinates]
    results: list[str]


class Conservation(TypedDict):
    holds: bool
    captured: int
    states: dict[str, int]
    oldest_in_flight: str | None
    fault_count: int
    faults: list[Fault]


class Verification(TypedDict):
    holds: bool
    caught_up: bool
    guarded: bool
    took_s: float
    log: LogCount
    conservation: Conservation


class WaitingGroup(TypedDict):
    code: str
    waits_on: str | None
    changes: int
    oldest: str
    ref: str | None
    params: JsonFields
    worth: list[Json]


class Evidence(TypedDict):
    field: str
    finding: str
    sentence: str


class Review(TypedDict):
    """transform's answer. `action` is empty while nobody has said anything."""

    id: str
    account: str
    candidate: str
    about: str
    """`duplicate`, or `merge` for two customers whose accounts are one now."""
    score: str
    evidence: list[Evidence]
    action: str
    actor: str
    reason: str
    operation_id: str
    holder: str | None
    waiting: int
    opened_at: str
    decided_at: str | None
    account_fields: JsonFields
    candidate_fields: JsonFields


class Summary(TypedDict):
    captured: int
    states: dict[str, int]
    oldest_in_flight: str | None
    waiting: list[WaitingGroup]


class Document(TypedDict):
    fields: JsonFields
    lines: dict[str, list[JsonFields]]


class Capture(TypedDict):
    kind: str
    user: str
    committed_at: str
    changed: list[str]


class Step(TypedDict, total=False):
    """Which names there are depends on `step`."""

    step: Literal["captured", "decided", "answered", "ended", "waits", "unreadable", "noted"]
    at: str
    coordinates: Coordinates
    copies: list[Coordinates]
    id: str | None
    type: str | None
    problem: str
    ref: str | None
    kind: str
    captures: list[Capture]
    document: Document | None
    source: str
    target: str | None
    part: str
    round: int
    map_hash: str
    command_id: str | None
    result: str
    code: str
    params: JsonFields
    path: list[str]
    written: str | None
    read_back: Document | None
    waits_on: str | None
    attempts: int
    duration_ms: int
    operation_id: str | None


class Ending(TypedDict):
    result: str
    coordinates: Coordinates


class Chapter(TypedDict):
    event_id: str
    ref: str | None
    state: str
    captured_at: str | None
    ended_at: str | None
    took_ms: int | None
    contradicting: list[Ending]
    reopening: list[Ending]
    steps: list[Step]


class Link(TypedDict):
    ref: str
    known: JsonFields


class Story(TypedDict):
    ref: str
    heading: JsonFields
    links: list[Link]
    chapters: list[Chapter]
    older_left_out: int


class Answer(TypedDict):
    asked: str
    candidates: list[str]
    story: Story | None
