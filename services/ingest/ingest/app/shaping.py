"""Ask Salesforce for the descriptions of everything the maps read, and check the maps by them."""

from collections.abc import Collection
from functools import partial

from ingest.app.lifetime import Patience
from ingest.domain.shapes import (
    CURRENCY_FIELD,
    Described,
    Shape,
    described,
    faults_of,
    kinds_wanted,
    shape_of,
)
from ingest.ports import Row, Salesforce
from kernel.errors import FatalError, PermanentError
from kernel.maps import Reading

RECORDS = "salesforce"
REMEDY = (
    "deploy the Tallystick package, assign the permission set Tallystick_Integration to the"
    " integration user, or take the field out of the map"
)

ONE_CURRENCY = "an org with one currency needs SALESFORCE_CURRENCY, its code"


async def shapes_of(
    readings: Collection[Reading], records: Salesforce, patience: Patience, currency: str
) -> dict[str, Shape]:
    """By kind. `currency` is that of an org that has one. FatalError names every mapped field that
    the integration user cannot see."""
    known: dict[str, Described] = {}
    while wanted := {kind for reading in readings for kind in kinds_wanted(reading, known)}:
        for kind in sorted(wanted):
            answer = await patience.until_it_works(RECORDS, partial(_asked, records, kind))
            known[kind] = described(answer)
    faults = [fault for reading in readings for fault in faults_of(reading, known, currency)]
    if faults:
        raise FatalError(f"not there or not visible: {', '.join(faults)}: {_remedy(faults)}")
    return {reading.kind: shape_of(reading, known, currency) for reading in readings}


def _remedy(faults: Collection[str]) -> str:
    has_none = any(fault.endswith(CURRENCY_FIELD) for fault in faults)
    return f"{REMEDY}; {ONE_CURRENCY}" if has_none else REMEDY


async def _asked(records: Salesforce, kind: str) -> Row:
    try:
        return await records.describe(kind)
    except PermanentError as error:
        raise FatalError(f"Salesforce does not describe {kind} ({error}): {REMEDY}") from error
