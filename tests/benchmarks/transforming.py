"""P3: changes decided on a second of processor time, against loops that keep nothing.

Everybody gets the same bytes on a topic of Kafka, the same codec, the same map and the same
decisions, and runs on one core of its own; Kafka, PostgreSQL and this script share the other.
The peers hold their facts in memory and would lose them with the process; transform asks
PostgreSQL for them and stores each decision there with its messages before it sends them.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # not re-exported

from kernel.headers import TRACEPARENT, headers_of
from kernel.messages import ChangeEvent
from kernel.records import netsuite
from kernel.topics import NETSUITE_COMMANDS, SALESFORCE_CHANGES, key_of
from kernel.values import Document
from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from runtime.schemas import load_codec, schemas_directory
from tests.benchmarks.machine import REPOSITORY
from tests.benchmarks.peers.deals import DEALS, changes_of, customer_links
from tests.benchmarks.results import Result, median
from tests.builders import EURO, ORG, change
from tests.own_environment import python_of
from transform.adapters import statements

ROUNDS, WARM_UP_DEALS = 3, 250
PARTS = frozenset({"kafka", "postgres", "transform"})
PARTITIONS = 12
WITHIN_S, LOOK_EVERY_S, AFTERWARDS_S = 90.0, 0.02, 1.5
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LOCK = Path(__file__).parent / "peers" / "peers.txt"
PEERS = {"hand-written loop": "hand_loop", "Quix Streams": "quix_loop", "Faust": "faust_loop"}
TARGET = ">= 15,000/s, >= 1.2 x Quix, >= 0.6 x the hand-written loop, >= 3 x Faust"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    name: str
    pid: int
    source: str
    target: str


def transforming(directory: Path) -> list[Result]:
    with _on_core(0):
        options = Options(
            state=directory,
            only=PARTS,
            sandbox=False,
            environment={**os.environ, "SALESFORCE_ORG_ID": ORG},
        )
        with stack_in_thread(options) as stack, contextlib.ExitStack() as running:
            bench = Bench(str(stack.endpoints["kafka"]["bootstrap"]))
            rivals = [_ours(stack), *(bench.peer(name, running) for name in PEERS)]
            _know_the_customers(stack, bench)
            return [_result(bench.rounds(rivals))]


def _result(speeds: Mapping[str, list[float]]) -> Result:
    ours = median(speeds["transform"])
    others = {name: median(found) for name, found in speeds.items() if name in PEERS and found}
    absent = [f"{name} did not finish" for name, found in speeds.items() if not found]
    told = ", ".join([*(f"{name} {speed:,.0f}/s" for name, speed in others.items()), *absent])
    ratios = ", ".join(f"{ours / speed:.2f} x {name}" for name, speed in others.items())
    return Result(
        name="P3 changes decided on a second of processor time",
        measured=f"{ours:,.0f}/s (min {min(speeds['transform']):,.0f}, {ROUNDS} rounds of"
        f" {2 * DEALS:,}; asked of and stored in PostgreSQL, whose time is not counted)",
        target=TARGET,
        compared=f"the same bytes, codec, map and decisions with all facts in memory: {told}",
        ratio=ratios,
    )


class Bench:
    """Kafka as this script uses it."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._codec = load_codec(schemas_directory())
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
        self._watcher = Consumer({"bootstrap.servers": bootstrap, "group.id": "watcher"})
        self._burst = 0

    def peer(self, name: str, running: contextlib.ExitStack) -> Contestant:
        module = PEERS[name]
        topics = [f"bench.{module}.{side}" for side in ("changes", "commands")]
        admin = AdminClient({"bootstrap.servers": self._bootstrap})
        made = admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in topics])
        for future in made.values():
            future.result(WITHIN_S)
        for topic in topics:
            self._said(topic)  # from here on it has leaders: not everybody waits for them
        python = sys.executable if module == "hand_loop" else str(python_of(LOCK))
        process = subprocess.Popen(
            [python, "-m", f"tests.benchmarks.peers.{module}", self._bootstrap, *topics],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": _paths()},
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
        )
        running.callback(_ended, process)
        return Contestant(name=name, pid=process.pid, source=topics[0], target=topics[1])

    def rounds(self, rivals: list[Contestant]) -> dict[str, list[float]]:
        """Interleaved, so that all see the same machine; the first burst only warms up."""
        speeds: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        running = list(rivals)
        for number in range(ROUNDS + 1):
            self._burst += 1
            changes = list(changes_of(self._burst, DEALS if number else WARM_UP_DEALS))
            for rival in list(running):
                try:
                    cpu_s = self._cpu_s_for(rival, changes)
                except TimeoutError as error:
                    print(f"{error}: it is left out from here on", flush=True)
                    running.remove(rival)
                    continue
                if number:
                    speeds[rival.name].append(len(changes) / cpu_s)
        return speeds

    def say(self, topic: str, changes: list[ChangeEvent]) -> None:
        for one in changes:
            headers = headers_of(one, self._codec, "ingest") | {TRACEPARENT: PARENT}
            pairs: list[tuple[str, str | bytes | None]] = list(headers.items())
            self._producer.produce(topic, self._codec.encode(one), key_of(one), headers=pairs)
            self._producer.poll(0)
        self._producer.flush(WITHIN_S)

    def _cpu_s_for(self, rival: Contestant, changes: list[ChangeEvent]) -> float:
        _pin(rival.pid, 1)
        wanted = self._said(rival.target) + len(changes)
        begun_s = _cpu_s(rival.pid)
        self.say(rival.source, changes)
        _until(lambda: self._said(rival.target) >= wanted, f"{rival.name} to answer")
        time.sleep(AFTERWARDS_S)  # what it still has to commit and to tidy up counts too
        return _cpu_s(rival.pid) - begun_s

    def _said(self, topic: str) -> int:
        """Records that stand in the topic."""
        return sum(self._end_of(TopicPartition(topic, number)) for number in range(PARTITIONS))

    def _end_of(self, partition: TopicPartition) -> int:
        """A topic that was just made has no leader for a moment."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                return self._watcher.get_watermark_offsets(partition, timeout=WITHIN_S)[1]
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_EVERY_S)


def _ours(stack: Stack) -> Contestant:
    return Contestant(
        name="transform",
        pid=stack.pid("transform"),
        source=SALESFORCE_CHANGES,
        target=NETSUITE_COMMANDS,
    )


def _know_the_customers(stack: Stack, bench: Bench) -> None:
    """What the writers would have told: the accounts are customers, the euro has an id."""
    bench.say("netsuite.changes.v1", [change(netsuite("currency", "4"), Document(EURO.fields))])
    with psycopg.connect(stack.dsn("sync_service")) as connection, connection.cursor() as cursor:
        rows = [(str(o.source), o.kind, o.external_id, o.netsuite_id) for o in customer_links()]
        cursor.executemany(statements.LINK, rows)


def _paths() -> str:
    services = [path for path in (REPOSITORY / "services").iterdir() if path.is_dir()]
    return os.pathsep.join(map(str, [REPOSITORY, *services]))


@contextlib.contextmanager
def _on_core(number: int) -> Iterator[None]:
    """This process and all that it starts meanwhile, where there is more than one core."""
    before = os.sched_getaffinity(0)
    if len(before) > 1:
        os.sched_setaffinity(0, {sorted(before)[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _pin(pid: int, number: int) -> None:
    cores = range(os.cpu_count() or 1)
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cores[min(number, len(cores) - 1)]})


def _cpu_s(pid: int) -> float:
    """Processor time of all threads so far."""
    held = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(held[11]) + int(held[12])) / os.sysconf("SC_CLK_TCK")


def _until(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {WITHIN_S:g} s for {what}")
        time.sleep(LOOK_EVERY_S)


def _ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
