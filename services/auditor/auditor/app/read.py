"""Read what a stored record says. Bodies are decoded here and nowhere else in this service."""

from collections.abc import Sequence

from auditor.domain.columns import LogRecord, columns_of
from auditor.domain.history import Entry
from kernel.codec import Codec
from kernel.errors import PermanentError


def entry_of(record: LogRecord, codec: Codec) -> Entry:
    columns = columns_of(record)
    try:
        return Entry(record=record, columns=columns, message=codec.decode(record.value))
    except PermanentError as error:
        return Entry(record=record, columns=columns, message=None, problem=str(error))


def entries_of(records: Sequence[LogRecord], codec: Codec) -> list[Entry]:
    return [entry_of(record, codec) for record in records]
