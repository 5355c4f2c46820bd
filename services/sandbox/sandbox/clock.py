"""The one business clock of both systems: the machine's time plus an offset that tests can set."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

OFFSET_KEY = "offset_s"


class Clock:
    """Time of records and events. With a path the offset survives a restart."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._offset = timedelta(seconds=_offset_s(path))

    def now(self) -> datetime:
        return self.machine_now() + self._offset

    def machine_now(self) -> datetime:
        """For the freshness of credentials, which must not age when a test moves the business."""
        return datetime.now(UTC)

    def set(self, now: datetime | None) -> None:
        """Time runs on from here; None goes back to the machine's."""
        self._keep(timedelta() if now is None else now - self.machine_now())

    def advance(self, seconds: float) -> None:
        self._keep(self._offset + timedelta(seconds=seconds))

    @property
    def offset_s(self) -> float:
        return self._offset.total_seconds()

    def _keep(self, offset: timedelta) -> None:
        self._offset = offset
        if self._path is not None:
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps({OFFSET_KEY: offset.total_seconds()}))
            part.replace(self._path)


def _offset_s(path: Path | None) -> float:
    if path is None or not path.exists():
        return 0.0
    return float(json.loads(path.read_text())[OFFSET_KEY])
