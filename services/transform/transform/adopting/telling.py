"""What adopting says while it works: one JSON object a line on standard output."""

import json
import sys


def say(step: str, **facts: object) -> None:
    """Counts, moments and names of steps; no value of any record."""
    print(json.dumps({"step": step, **facts}, ensure_ascii=False), file=sys.stdout, flush=True)
