"""Log lines: one JSON object each, with ids, and no more of an error than its first line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from runtime import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; the process's own logging is put back afterwards."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up("ingest", "INFO", stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)
    logging.captureWarnings(False)


def parsed(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_time_level_service_event_message_and_ids(lines: io.StringIO) -> None:
    logs.info("captured", "read 3 documents", event_id="e-1", count=3)
    (line,) = parsed(lines)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "info",
        "service": "ingest",
        "event": "captured",
        "message": "read 3 documents",
        "event_id": "e-1",
        "count": 3,
    }


def test_an_error_is_its_type_first_line_and_place_and_nothing_it_held(lines: io.StringIO) -> None:
    try:
        fail("ada@example.com")
    except ValueError as error:
        logs.error("failed", "it failed", error)
    (line,) = parsed(lines)
    found = line["error"]
    assert isinstance(found, dict)
    assert found["type"] == "ValueError"
    assert found["message"] == "key exists"
    assert found["because"] == "KeyError: 'name'"
    assert found["at"][-1].startswith("test_logs.py:")
    assert found["at"][-1].endswith(" fail")
    assert "ada@example.com" not in lines.getvalue()


def test_a_message_with_line_breaks_stays_one_short_line(lines: io.StringIO) -> None:
    logs.warning("odd", "first\nsecond")
    logs.warning("long", "x" * 10_000)
    first, second = parsed(lines)
    assert first["message"] == "first"
    assert len(str(second["message"])) <= logs.TEXT_MAX + 1


def test_libraries_speak_from_warning_on_and_by_their_name(lines: io.StringIO) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("trouble with %s", "a thing")
    (line,) = parsed(lines)
    assert line["event"] == "library"
    assert line["logger"] == "some.library"
    assert line["message"] == "trouble with a thing"


def fail(secret: str) -> None:
    try:
        dict[str, str]()["name"]
    except KeyError as error:
        raise ValueError(f"key exists\nDETAIL: {secret}") from error
