"""Signs of life in a service's metrics: when a channel was last heard, how many calls are out."""

import math
import re
from collections.abc import Iterator

from ops.render.lines import counted
from ops.render.times import span

HEARTBEAT, SLOTS = "tallystick_heartbeat_age_seconds", "tallystick_slots_busy"
SAMPLE = re.compile(
    rf'^({HEARTBEAT}|{SLOTS})\{{[^}}]*system="([^"]*)"[^}}]*\}} (\S+)$', re.MULTILINE
)


def signs(exposition: str) -> Iterator[str]:
    """`salesforce heard 21 s ago`, `3 calls to netsuite` out of Prometheus' text."""
    for metric, system, value in SAMPLE.findall(exposition):
        number = float(value)
        if metric == SLOTS:
            yield f"{counted(round(number), 'call')} to {system} under way"
        elif math.isfinite(number):
            yield f"{system} heard {span(number)} ago"
