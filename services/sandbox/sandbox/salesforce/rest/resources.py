"""Where things are: versions, the resources of one version, limits, record counts."""

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.usage import BATCHES, QUERY_JOBS, REQUESTS

OLDEST = 31
APP_NAME = "Tallystick"
"""The connected app, where its own share of the limits is told."""
SEASONS = ("Spring", "Summer", "Winter")
FIRST_SPRING = (20, 2011)
"""Spring '11 was version 21: three releases a year since."""
NAMES = (
    "tooling", "metadata", "folders", "eclair", "prechatForms", "contact-tracing", "jsonxform",
    "chatter", "payments", "tabs", "appMenu", "quickActions", "queryAll", "commerce", "wave",
    "iot", "analytics", "search", "smartdatadiscovery", "composite", "parameterizedSearch",
    "fingerprint", "theme", "nouns", "domino", "event", "serviceTemplates", "recent", "connect",
    "licensing", "limits", "process", "dedupe", "async-queries", "query", "jobs", "localizedvalue",
    "mobile", "emailConnect", "consent", "tokenizedstats", "compactLayouts", "sobjects", "actions",
    "support",
)  # fmt: skip


def versions(newest: float) -> list[dict[str, str]]:
    return [
        {
            "label": release_label(number),
            "url": f"/services/data/v{number}.0",
            "version": f"{number}.0",
        }
        for number in range(OLDEST, int(newest) + 1)
    ]


def release_label(version: int) -> str:
    """68 is Winter '27: Spring, Summer, then the Winter of the next year."""
    releases = version - FIRST_SPRING[0] - 1
    season = SEASONS[releases % 3]
    year = FIRST_SPRING[1] + releases // 3 + (season == "Winter")
    return f"{season} '{year % 100:02d}"


def resources(desk: Desk, call: Call) -> Answer:
    root = f"/services/data/v{call.version}"
    found = {name: f"{root}/{name}" for name in NAMES}
    found["jobs/query"] = f"{root}/jobs/query"
    found["jobs/ingest"] = f"{root}/jobs/ingest"
    found["identity"] = identity_url(call.base, call.user)
    return Answer(body=found)


def composite_resources(desk: Desk, call: Call) -> Answer:
    root = f"/services/data/v{call.version}/composite"
    return Answer(body={name: f"{root}/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def identity_url(base: str, user: str) -> str:
    return f"{base}/id/{ORG_ID}/{user}"


def limits(desk: Desk, call: Call) -> Answer:
    app = desk.org.profile.app_requests
    own = {APP_NAME: _app_share(app, desk.usage.used(REQUESTS))} if app else {}
    body: dict[str, object] = {
        REQUESTS: {**_left(desk, REQUESTS), **own},
        "DailyAsyncApexExecutions": {"Max": 250000, "Remaining": 250000},
        BATCHES: _left(desk, BATCHES),
        "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
        QUERY_JOBS: _left(desk, QUERY_JOBS),
        "DailyDurableStreamingApiEvents": {"Max": 10000, "Remaining": 10000},
        "DailyStandardVolumePlatformEvents": {"Max": 10000, "Remaining": 10000},
        "DailyStreamingApiEvents": {"Max": 10000, "Remaining": 10000},
        "DataStorageMB": {"Max": 1024, "Remaining": 1000},
        "FileStorageMB": {"Max": 1024, "Remaining": 1024},
        "HourlyPublishedPlatformEvents": {"Max": 50000, "Remaining": 50000},
        "HourlyPublishedStandardVolumePlatformEvents": {"Max": 1000, "Remaining": 1000},
        "MonthlyPlatformEventsUsageEntitlement": {"Max": 0, "Remaining": 0},
        "SingleEmail": {"Max": 5000, "Remaining": 5000},
    }
    return Answer(body=body)


def _left(desk: Desk, limit: str) -> dict[str, object]:
    return {"Max": desk.usage.most[limit], "Remaining": desk.usage.left(limit)}


def _app_share(most: int, used: int) -> dict[str, object]:
    return {"Max": most, "Remaining": max(0, most - used)}


def record_count(desk: Desk, call: Call) -> Answer:
    """Objects without records are left out."""
    names = call.query.get("sObjects", "")
    wanted = names.split(",") if names else list(desk.org.metadata.view(call.user).objects)
    counts = []
    for name in wanted:
        sobject = desk.org.metadata.view(call.user).find(name.strip())
        if sobject is None:
            continue
        alive = ' WHERE "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
        count = desk.org.value(f'SELECT count(*) FROM "{sobject.name}"{alive}')
        if count:
            counts.append({"count": count, "name": sobject.name})
    return Answer(body={"sObjects": counts})


def nothing(desk: Desk, call: Call) -> Answer:
    """Things of the user interface, of which this org has none."""
    return Answer(body=[])


def recent(desk: Desk, call: Call) -> Answer:
    return Answer(body=[])
