"""A stored row back as the record of the log that it was."""

from collections.abc import Sequence
from typing import Any

from auditor.domain.columns import LogRecord
from auditor.domain.frames import unpacked
from kernel.messages import Coordinates

RECORD_COLUMNS = (
    '{0}.topic, {0}.partition, {0}."offset", {0}.logged_at, {0}.key, {0}.value, {0}.headers'
)
"""To be formatted with the table's name or alias."""


def record_of(row: Sequence[Any]) -> LogRecord:
    """`row` holds the values of RECORD_COLUMNS; the driver knows their types, Python does not."""
    topic, partition, offset, logged_at, key, value, headers = row
    return LogRecord(
        at=Coordinates(topic, partition, offset),
        logged_at=logged_at,
        key=key,
        value=value,
        headers=unpacked(headers),
    )
