"""The terminal page: lines or JSON to standard output, failures to standard error."""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from ops.local.errors import LocalError
from ops.render.lines import WIDTH

WIDTH_MIN, WIDTH_MAX = 60, 120
STYLES = {
    r"[a-z]+\.[a-z]+\.v\d+ \[\d+\] @ \d+(-\d+)?": "dim",
    r"^ ✓": "green",
    r"^ ✗.*": "red",
    r"\[[A-Z][A-Z_]+\]$": "bold",
}
"""What stands out in a terminal; each says the same without its colour."""


def width() -> int:
    """Columns of the terminal within reason; 80 where there is none."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns
    return max(WIDTH_MIN, min(columns, WIDTH_MAX))


def tell(lines: Iterable[str]) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text(line)
        for pattern, style in STYLES.items():
            text.highlight_regex(pattern, style)
        console.print(text, soft_wrap=True)


def tell_json(body: object) -> None:
    print(json.dumps(body, indent=2, ensure_ascii=False, default=str))


@contextmanager
def ending_with_codes() -> Iterator[None]:
    """A failure of ours becomes one sentence and its exit code."""
    try:
        yield
    except LocalError as error:
        if str(error):
            print(f"tallystick: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
