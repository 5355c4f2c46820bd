"""Lines of a page: wrapped under their first word, with a remark at the right edge."""

import textwrap
from collections.abc import Iterator

WIDTH = 80
LEAST = 20


def hanging(label: str, text: str, width: int, indent: int | None = None) -> list[str]:
    """`text` behind the label, later lines under its beginning."""
    start = len(label) if indent is None else indent
    room = max(width - start, LEAST)
    first, *more = _wrapped(text, room) or [""]
    return [(label.ljust(start) + first).rstrip(), *(" " * start + line for line in more)]


def with_remark(lines: list[str], remark: str, width: int, indent: int) -> list[str]:
    """The remark right-aligned on the last line where it fits, else on lines of its own."""
    if not remark:
        return lines
    room = width - len(lines[-1]) - 2
    if len(remark) <= room:
        return [*lines[:-1], lines[-1] + remark.rjust(width - len(lines[-1]))]
    return [*lines, *hanging(" " * indent, remark, width)]


def counted(number: int, one: str, many: str = "") -> str:
    """`1 record`, `1,204 records`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: list[str], most: int) -> Iterator[str]:
    """The first ones, and how many more there are."""
    yield from items[:most]
    if len(items) > most:
        yield f"and {len(items) - most:,} more"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=True, break_on_hyphens=False)
