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
from kernel.maps import Maps, Reading
from kernel.records import System

RECORDS = "salesforce"
SWITCH_OFF = (
    "where the org has no such object, switch the map off in an overlay, with its name and"
    " 'enabled: no' (deploy/overlays holds one for an org without orders)"
)
REMEDY = (
    "deploy the Tallystick package, assign the permission set Tallystick_Integration to the"
    " integration user, or take the field out of the map"
)

ONE_CURRENCY = "an org with one currency needs SALESFORCE_CURRENCY, its code"


async def shapes_of(
    readings: Collection[Reading],
    maps: Maps,
    records: Salesforce,
    patience: Patience,
    currency: str,
) -> dict[str, Shape]:
    """By kind. `currency` is that of an org that has one. FatalError names every mapped object and
    field that the integration user cannot see, and of an object the maps that read it."""
    known: dict[str, Described] = {}
    while wanted := {kind for reading in readings for kind in kinds_wanted(reading, known)}:
        for kind in sorted(wanted):
            roots = [reading.kind for reading in readings if kind in kinds_wanted(reading, known)]
            asks = partial(_asked, records, kind, _names(maps, roots))
            known[kind] = described(await patience.until_it_works(RECORDS, asks))
    faults = [fault for reading in readings for fault in faults_of(reading, known, currency)]
    if faults:
        raise FatalError(f"not there or not visible: {', '.join(faults)}: {_remedy(faults)}")
    return {reading.kind: shape_of(reading, known, currency) for reading in readings}


def _remedy(faults: Collection[str]) -> str:
    has_none = any(fault.endswith(CURRENCY_FIELD) for fault in faults)
    return f"{REMEDY}; {ONE_CURRENCY}" if has_none else REMEDY


def _names(maps: Maps, kinds: Collection[str]) -> str:
    """The maps that read these kinds of documents."""
    found = [m.name for m in maps.sources(System.SALESFORCE) if m.kinds() & {*kinds}]
    return ("map " if len(found) == 1 else "maps ") + ", ".join(sorted(found))


async def _asked(records: Salesforce, kind: str, maps: str) -> Row:
    try:
        return await records.describe(kind)
    except PermanentError as error:
        raise FatalError(
            f"Salesforce does not describe {kind}, which is read by {maps} ({error}):"
            f" {REMEDY}; {SWITCH_OFF}"
        ) from error
