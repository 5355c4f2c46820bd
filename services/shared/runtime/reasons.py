"""The table of refund reasons in force: the one we ship, and a deployment's own on top."""

from pathlib import Path

import kernel.refunds
from kernel.nodes import Node
from kernel.refunds import Reasons
from kernel.refunds.parse import parse_reasons
from runtime.tables import read_tables

SHIPPED = Path(kernel.refunds.__file__).parent
OWN = "refunds"
"""Directory below the overlay of the maps."""


def load_reasons(overlay: Path | None = None) -> Reasons:
    """ReasonsError lists every fault of every file."""
    own = overlay / OWN if overlay else None
    tables = read_tables([SHIPPED, *([own] if own and own.is_dir() else [])])
    return parse_reasons(Node(table.file, table.line, dict(table.values)) for table in tables)
