"""The map in force: the shipped tables and a deployment's overlay, read from their files."""

from collections.abc import Sequence
from pathlib import Path

import kernel.maps
from kernel.maps import Maps
from kernel.maps.faults import MapsError
from kernel.maps.parse import parse_maps
from kernel.nodes import Node
from runtime.tables import TablesError, read_tables

SHIPPED_MAPS = Path(kernel.maps.__file__).parent


def load_maps(overlay: Path | None = None) -> Maps:
    """MapsError lists every fault of every file, with its line and the remedy."""
    return maps_in([SHIPPED_MAPS, *([overlay] if overlay else [])])


def maps_in(directories: Sequence[Path]) -> Maps:
    try:
        tables = read_tables(directories)
    except TablesError as error:
        raise MapsError(error.faults) from error
    return parse_maps(Node(table.file, table.line, dict(table.values)) for table in tables)
