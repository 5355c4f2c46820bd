from datetime import UTC, datetime

from ops.render.shapes import Conservation, Coordinates, Fault, LogCount, Verification
from ops.render.verdict import verdict

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STATES = {
    "applied": 388_020, "unchanged": 9_871, "filtered": 2_950, "superseded": 240, "rejected": 19,
    "dead": 0, "parked": 12, "review": 0, "in_flight": 0,
}  # fmt: skip


def log(**other: object) -> LogCount:
    whole: LogCount = {
        "topics": 6,
        "partitions": 72,
        "records": 1_204_331,
        "missing": 0,
        "behind": 0,
        "missing_ranges": [],
        "behind_ranges": [],
        "beyond_ranges": [],
    }
    return {**whole, **other}  # type: ignore[typeddict-item]  # the test names real keys


def law(*faults: Fault, oldest: str | None = None, **other: int) -> Conservation:
    return {
        "holds": not faults,
        "captured": sum({**STATES, **other}.values()),
        "states": {**STATES, **other},
        "oldest_in_flight": oldest,
        "fault_count": len(faults),
        "faults": list(faults),
    }


def found(
    count: LogCount, conservation: Conservation, *, guarded: bool = True, caught_up: bool = True
) -> Verification:
    holds = conservation["holds"] and guarded and caught_up and not count["missing"]
    return {
        "holds": holds,
        "caught_up": caught_up,
        "guarded": guarded,
        "took_s": 2.14,
        "log": count,
        "conservation": conservation,
    }


def told(verification: Verification, width: int = 80) -> str:
    lines = verdict(verification, NOW, width)
    assert max(map(len, lines)) <= width
    return " ".join(" ".join(lines).split())


def at(offset: int, topic: str = "sync.outcomes.v1") -> Coordinates:
    return {"topic": topic, "partition": 3, "offset": offset}


def test_all_is_well_in_three_sentences() -> None:
    assert told(found(log(), law())) == (
        "Log ↔ store 6 topics, 72 partitions, 1,204,331 records: every offset has its row"
        " Conservation 401,112 changes = 388,020 applied + 9,871 unchanged + 2,950 filtered"
        " + 240 superseded + 19 rejected + 0 dead + 12 parked + 0 review + 0 in flight"
        " Nothing is missing. (2.1 s)"
    )


def test_a_wide_page_takes_one_line_each() -> None:
    assert len(verdict(found(log(), law()), NOW, 200)) == 3


def test_the_oldest_change_in_flight_is_told_with_its_age() -> None:
    text = told(found(log(), law(in_flight=2, oldest="2026-11-20T08:56:00+00:00")))
    assert "+ 2 in flight (oldest 4 min)" in text


def test_what_is_missing_is_named() -> None:
    count = log(
        missing=3,
        missing_ranges=[
            {"topic": "sync.outcomes.v1", "partition": 3, "first": 12, "last": 12},
            {"topic": "sync.outcomes.v1", "partition": 4, "first": 7, "last": 8},
        ],
    )
    text = told(found(count, law()))
    assert "3 offsets have no row" in text
    assert "missing sync.outcomes.v1 [3] @ 12 missing sync.outcomes.v1 [4] @ 7-8" in text
    assert "Something is wrong. (2.1 s) What to do: docs/runbooks/verify-fails.md" in text


def test_a_store_that_is_behind_proves_nothing() -> None:
    count = log(
        behind=1,
        behind_ranges=[{"topic": "sync.alerts.v1", "partition": 0, "first": 5, "last": 5}],
    )
    text = told(found(count, law(), caught_up=False))
    assert "1 record is not stored yet" in text
    assert "Not proved: the store is behind the log." in text


def test_rows_of_another_log_are_named() -> None:
    beyond = [{"topic": "sync.alerts.v1", "partition": 0, "first": 5, "last": 9}]
    text = told(found(log(beyond_ranges=beyond), law()))
    assert "the store holds offsets that the log does not have" in text
    assert "not in log sync.alerts.v1 [0] @ 5-9" in text


def test_each_fault_is_a_sentence_with_its_coordinates() -> None:
    base: Fault = {
        "kind": "second_final",
        "event_id": "64ab92a8",
        "ref": "salesforce:Opportunity:006",
        "change": at(2, "salesforce.changes.v1"),
        "outcomes": [at(4), at(9)],
        "results": ["applied", "filtered"],
    }
    orphan: Fault = {**base, "kind": "no_change", "change": None}
    reopened: Fault = {**base, "kind": "reopened", "results": ["applied", "parked"]}
    strange: Fault = {**base, "kind": "unknown_result", "results": ["", "lost"]}
    text = told(found(log(), law(base, orphan, reopened, strange)))
    who = "Change 64ab92a8 of salesforce:Opportunity:006"
    where = "It was captured at salesforce.changes.v1 [3] @ 2."
    ends = "applied at sync.outcomes.v1 [3] @ 4, filtered at sync.outcomes.v1 [3] @ 9"
    assert f"{who} ended more than once: {ends}. {where}" in text
    assert f"{who} is not in the log, but has outcomes: {ends}." in text
    assert f"{who} waits again although it had ended: applied at" in text
    assert "no result at sync.outcomes.v1 [3] @ 4, lost at" in text


def test_faults_beyond_those_named_are_counted() -> None:
    conservation = law()
    conservation["fault_count"] = 7
    assert "and 7 changes more" in told(found(log(), conservation))


def test_a_result_that_there_is_not_shows_in_the_sum() -> None:
    assert "+ 0 in flight + 1 lost" in told(found(log(), law(lost=1)))


def test_a_protection_that_is_off_is_told_with_the_remedy() -> None:
    text = told(found(log(), law(), guarded=False))
    assert "Protection The protection of the store against changes is switched off" in text
    assert "SRE: find out who did it" in text
