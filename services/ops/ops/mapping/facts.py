"""The map as plain facts, for JSON."""

from dataclasses import asdict

from kernel.maps import RecordMap
from kernel.maps.filters import words
from ops.mapping.travels import Travel, travels_of

Facts = dict[str, object]


def facts_of(record_map: RecordMap) -> Facts:
    return {
        "map": record_map.name,
        "enabled": record_map.enabled,
        "reads": f"{record_map.source} {record_map.source_kind}",
        "writes": f"{record_map.target} {record_map.target_kind}",
        "part": record_map.part,
        "subject": asdict(record_map.subject) if record_map.subject else None,
        "embeds": dict(record_map.embeds),
        "reads_back": list(record_map.reads_back),
        "keeps": record_map.keeps,
        "filters": [
            {"name": item.name, "purpose": item.purpose, "when": words(item.when)}
            for item in record_map.filters
        ],
        "fields": [travel_facts(travel) for travel in travels_of(record_map)],
    }


def travel_facts(travel: Travel) -> Facts:
    return {
        "map": travel.record_map.name,
        "source": travel.source or None,
        "target": travel.target or None,
        "owner": travel.owner,
        "purpose": travel.purpose,
        "personal": travel.personal,
        "retention": travel.retention,
        "convert": travel.convert or None,
        "default": travel.value or None,
        "computed": travel.computed,
        "filters": [item.name for item in travel.filters],
        "row": travel.place.rpartition("/")[2],
    }
