"""Times in the reader's zone, and how long ago they were."""

from datetime import datetime, tzinfo

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def moment(text: str, zone: tzinfo | None = None) -> datetime:
    """`zone` None is the machine's."""
    return datetime.fromisoformat(text).astimezone(zone)


def clock_time(at: datetime) -> str:
    return at.strftime("%H:%M:%S.") + f"{at.microsecond // 1000:03d}"


def offset_of(at: datetime) -> str:
    """`UTC+01:00`"""
    text = at.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def span(seconds: float) -> str:
    """`640 ms`, `4 s`, `5 min`, `2 h`, `3 days`: the largest unit that says something."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 2 * MINUTE:
        return f"{round(seconds)} s"
    if seconds < 2 * HOUR:
        return f"{round(seconds / MINUTE)} min"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} h"
    return f"{round(seconds / DAY)} days"


def since(text: str, now: datetime) -> str:
    return span(max(0.0, (now - datetime.fromisoformat(text)).total_seconds()))
