"""Bulk data as text: reading what was uploaded, writing results, each value in quotes."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox.salesforce.bulk.jobs import Job

DELIMITERS = {
    "BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t",
}  # fmt: skip
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
VALUE_LENGTH_MAX = 400_000
"""Characters of a record; a field holds no more either."""


class BadData(Exception):
    """The upload cannot be read; the text is the job's error message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    header: tuple[str, ...]
    rows: Iterator[list[str]]
    """Each as long as the header. Raises BadData at a row that cannot be read."""


def read_sheet(job: Job, content: bytes) -> Sheet:
    try:
        text = content.decode(job.charset).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        message = f"ClientInputError : Failed to read the data in the encoding {job.charset}"
        raise BadData(message) from None
    if not text.strip():
        return Sheet(header=(), rows=iter(()))
    _check_line_ending(job, text)
    csv.field_size_limit(VALUE_LENGTH_MAX)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter])
    rows = _rows(reader)
    header = tuple(name.strip() for name in next(rows))
    _check_header(header)
    return Sheet(header=header, rows=_filled(rows, len(header)))


def line(job: Job, values: Iterable[str]) -> str:
    """One row with its line ending."""
    quoted = ('"' + value.replace('"', '""') + '"' for value in values)
    return DELIMITERS[job.delimiter].join(quoted) + LINE_ENDINGS[job.line_ending]


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Empty lines are left out."""
    try:
        for row in reader:
            if row:
                yield row
    except csv.Error as error:
        raise BadData(f"InvalidBatch : Failed to parse CSV: {error}") from None


def _filled(rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    for row in rows:
        if len(row) > width:
            message = (
                "InvalidBatch : Failed to parse CSV: the number of fields in a record exceeds"
                f" the {width} of the header"
            )
            raise BadData(message)
        yield row + [""] * (width - len(row))


def _check_header(header: Sequence[str]) -> None:
    lowered = [name.lower() for name in header]
    if not all(lowered):
        raise BadData("InvalidBatch : Failed to parse CSV: a field name of the header is empty")
    for at, name in enumerate(lowered):
        if name in lowered[:at]:
            raise BadData(f"InvalidBatch : Duplicate column name found in header: {header[at]}")


def _check_line_ending(job: Job, text: str) -> None:
    """As the first line ends, so must the job say."""
    end = _end_of_line(text)
    if end < 0:
        return
    found = "CRLF" if end > 0 and text[end - 1] == "\r" else "LF"
    if found != job.line_ending:
        message = (
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is"
            f" {job.line_ending}"
        )
        raise BadData(message)


def _end_of_line(text: str) -> int:
    """The first line feed outside of quotes."""
    quoted = False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            return at
    return -1
