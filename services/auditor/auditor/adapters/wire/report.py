"""What `verify` and `summary` found, as JSON tells it."""

from auditor.domain.completeness import Range
from auditor.domain.conservation import IN_FLIGHT, STATES, Fault, Tally
from auditor.domain.report import Summary, Verification
from auditor.domain.waiting import WaitingGroup
from runtime.plain_json import (
    JsonObject,
    coordinates_to_json,
    fields_to_json,
    instant_to_json,
    value_to_json,
)


def verification_to_json(found: Verification) -> JsonObject:
    whole, law = found.completeness, found.conservation
    return {
        "holds": found.holds,
        "caught_up": whole.has_caught_up,
        "guarded": found.is_guarded,
        "took_s": round(found.took_s, 3),
        "log": {
            "topics": whole.topics,
            "partitions": whole.partitions,
            "records": whole.rows,
            "missing": whole.missing_count,
            "behind": whole.behind_count,
            "missing_ranges": [_range(part) for part in whole.missing],
            "behind_ranges": [_range(part) for part in whole.behind],
            "beyond_ranges": [_range(part) for part in whole.beyond],
        },
        "conservation": {
            "holds": law.holds,
            **_tally(law.total),
            "by_topic": {topic: _tally(tally) for topic, tally in law.by_topic.items()},
            "oldest_in_flight": instant_to_json(law.oldest_in_flight),
            "fault_count": law.fault_count,
            "faults": [_fault(fault) for fault in law.faults],
        },
    }


def summary_to_json(summary: Summary) -> JsonObject:
    changes = [group for group in summary.groups if group.topic is not None]
    in_flight = [group.oldest for group in changes if group.state == IN_FLIGHT and group.oldest]
    return {
        "captured": sum(group.changes for group in changes),
        "states": {
            str(state): sum(group.changes for group in changes if group.state == state)
            for state in STATES
        },
        "oldest_in_flight": instant_to_json(min(in_flight, default=None)),
        "waiting": [_waiting(group) for group in summary.waiting],
    }


def _tally(tally: Tally) -> JsonObject:
    return {"captured": tally.captured, "states": dict(tally.by_state)}


def _range(part: Range) -> JsonObject:
    return {
        "topic": part.partition.topic,
        "partition": part.partition.number,
        "first": part.first,
        "last": part.last,
    }


def _fault(fault: Fault) -> JsonObject:
    return {
        "kind": fault.kind,
        "event_id": fault.event_id,
        "ref": fault.ref,
        "change": coordinates_to_json(fault.change) if fault.change else None,
        "outcomes": [coordinates_to_json(at) for at in fault.outcomes],
        "results": list(fault.results),
    }


def _waiting(group: WaitingGroup) -> JsonObject:
    return {
        "code": group.cause.code,
        "waits_on": group.cause.waits_on or None,
        "changes": group.cause.changes,
        "oldest": instant_to_json(group.cause.oldest),
        "ref": group.ref,
        "params": fields_to_json(group.params),
        "worth": [value_to_json(money) for money in group.worth],
    }
