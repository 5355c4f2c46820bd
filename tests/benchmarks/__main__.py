"""`make bench`: runs the benchmarks on this machine, prints them and keeps them in the docs."""

import tempfile
from pathlib import Path

from tests.benchmarks.adopting import adopting
from tests.benchmarks.change_events import change_events
from tests.benchmarks.cold_start import cold_start
from tests.benchmarks.latency import added_latency
from tests.benchmarks.machine import REPOSITORY, commit, machine, today
from tests.benchmarks.matching import matching
from tests.benchmarks.memory import memory_after_many_changes
from tests.benchmarks.results import Result, table
from tests.benchmarks.sandbox_records import sandbox_records
from tests.benchmarks.sandbox_size import big_org
from tests.benchmarks.suiteql_page import suiteql_page
from tests.benchmarks.transforming import transforming
from tests.invariants import i9_the_books_balance
from tests.world import running_world

KEPT = REPOSITORY / "docs" / "benchmarks.md"
HEAD = """\
# Benchmarks

`make bench` writes this page. Each row names what was measured in the same run to compare with;
absolute figures belong to the machine, ratios travel. The stand-ins of both vendors run on the same
cores as everything else and answer within a few milliseconds; a real NetSuite takes half a second
and more for one order, which comes on top.
"""


def main() -> None:
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        results += _told(cold_start(root))
        results += _told(sandbox_records())
        results += _told(suiteql_page(root / "page"))
        results += _told(change_events())
        results += _told(matching())
        results += _told(big_org(root / "size"))
        results += _told(adopting(root / "adopt"))
        results += _told(transforming(root / "transforming"))
        with running_world(root / "world") as world:
            results += _told(added_latency(world))
            results += _told(memory_after_many_changes(world))
            i9_the_books_balance(world.quiet())
    taken = f"Taken on {today()}, commit {commit()}: {machine()}."
    KEPT.write_text("\n".join([HEAD, taken, "", *table(results), ""]))
    print(f"\n{taken}\nKept in {KEPT.relative_to(REPOSITORY)}")


def _told(results: list[Result]) -> list[Result]:
    for result in results:
        compared = f"  [{result.compared}: {result.ratio}]" if result.compared else ""
        print(f"{result.name}: {result.measured} (target {result.target}){compared}", flush=True)
    return results


if __name__ == "__main__":
    main()
