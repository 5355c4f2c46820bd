"""The map in force: the shipped tables and a deployment's overlay, read from their files."""

from collections.abc import Sequence
from pathlib import Path

import kernel.maps
import kernel.refunds
from kernel.maps import Maps
from kernel.maps.faults import MapsError
from kernel.maps.parse import parse_maps
from kernel.nodes import Node
from kernel.refunds import Reasons
from kernel.refunds.parse import parse_reasons
from runtime.tables import TablesError, read_tables

SHIPPED_MAPS = Path(kernel.maps.__file__).parent
SHIPPED_REASONS = Path(kernel.refunds.__file__).parent
REASONS_OVERLAY = "refunds"


def load_maps(overlay: Path | None = None) -> Maps:
    """MapsError lists every fault of every file, with its line and the remedy."""
    return maps_in([SHIPPED_MAPS, *([overlay] if overlay else [])])


def maps_in(directories: Sequence[Path]) -> Maps:
    try:
        tables = read_tables(directories)
    except TablesError as error:
        raise MapsError(error.faults) from error
    return parse_maps(Node(table.file, table.line, dict(table.values)) for table in tables)


def load_reasons(overlay: Path | None = None) -> Reasons:
    """The refunds' reasons, with those of the overlay's directory `refunds` laid over them.
    ReasonsError lists every fault."""
    own = overlay / REASONS_OVERLAY if overlay else None
    tables = read_tables([SHIPPED_REASONS, *([own] if own and own.is_dir() else [])])
    return parse_reasons(Node(table.file, table.line, dict(table.values)) for table in tables)
