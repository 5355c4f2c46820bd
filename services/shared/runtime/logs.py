"""Structured log lines: JSON on stderr with ids, never bodies, headers, tokens or locals."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from runtime import names

OURS = "tallystick"
CHATTY = ("psycopg.pool", "opentelemetry")
"""Loggers that repeat every few seconds what health says once."""
TEXT_MAX, FRAMES_MAX = 500, 6


def info(event: str, message: str, **ids: object) -> None:
    _log(logging.INFO, event, message, None, ids)


def warning(event: str, message: str, error: BaseException | None = None, **ids: object) -> None:
    _log(logging.WARNING, event, message, error, ids)


def error(event: str, message: str, error: BaseException | None = None, **ids: object) -> None:
    _log(logging.ERROR, event, message, error, ids)


def set_up(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Every line of this process becomes one JSON object; libraries speak from WARNING on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(True)


class JsonLines(logging.Formatter):
    """One line a record: time, level, service, event, message, then the ids."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "event": getattr(record, "event", names.LIBRARY),
            "message": first_line(record.getMessage()),
        }
        if record.name != OURS:
            line["logger"] = record.name
        line.update(getattr(record, "ids", {}))
        if record.exc_info and record.exc_info[1]:
            line["error"] = described(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def described(error: BaseException) -> dict[str, object]:
    """Type, first line and place of an error. Later lines can carry rows and bodies."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    at = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    found: dict[str, object] = {"type": type(error).__name__, "message": first_line(str(error))}
    if error.__cause__:
        found["because"] = f"{type(error.__cause__).__name__}: {first_line(str(error.__cause__))}"
    return {**found, "at": at}


def first_line(text: str) -> str:
    line = text.partition("\n")[0].strip()
    return line if len(line) <= TEXT_MAX else line[:TEXT_MAX] + "…"


def _log(
    level: int, event: str, message: str, error: BaseException | None, ids: dict[str, object]
) -> None:
    logging.getLogger(OURS).log(
        level, "%s", message, exc_info=error, extra={"event": event, "ids": ids}
    )
