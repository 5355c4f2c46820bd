"""The codec on what another schema wrote, on bodies that are cut off, on values that do not fit."""

import io
import json
from decimal import Decimal

import fastavro
import pytest
from hypothesis import given

from kernel.codec import FRAME, Codec
from kernel.errors import PermanentError
from kernel.values import Value
from runtime.schemas import schemas_directory
from tests.unit.kernel.test_values import CODEC, FIELDS, operation

TEXT = (schemas_directory() / "avro" / "operation.v1.avsc").read_text()


@given(FIELDS)
def test_a_body_that_is_cut_off_anywhere_is_refused(fields: dict[str, Value]) -> None:
    data = CODEC.encode(operation(fields))
    for end in range(FRAME.size, len(data)):
        with pytest.raises(PermanentError, match="does not read as"):
            CODEC.decode(data[:end])


def test_what_an_older_schema_wrote_is_read_by_the_newest() -> None:
    longer = json.loads(TEXT)
    longer["fields"].insert(1, {"name": "note", "type": "string"})
    both = Codec.of({1: json.dumps(longer), 2: TEXT})
    at = operation({}).requested_at
    record = {
        "id": "1", "note": "dropped since", "kind": "link", "actor": "a", "reason": "b",
        "selection": {"n": {"value": 5}}, "requested_at": at,
    }  # fmt: skip
    body = io.BytesIO()
    body.write(FRAME.pack(0, 1))
    fastavro.schemaless_writer(body, fastavro.parse_schema(longer, named_schemas={}), record)
    assert both.decode(body.getvalue()) == operation({"n": 5})
    with pytest.raises(PermanentError, match="left over"):
        both.decode(body.getvalue() + b"x")


@pytest.mark.parametrize(
    "value", [Decimal("0.00000000001"), Decimal(10) ** 28, Decimal("NaN"), 2**63, 1.5, b"bytes"]
)
def test_a_value_that_the_schema_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        CODEC.encode(operation({"n": value}))  # type: ignore[dict-item]  # what no caller may give
