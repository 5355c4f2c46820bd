"""Children are kept running, and ended when they shall end."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from ops.local import child as children
from ops.local.errors import PartFailedError, WrongUsageError
from ops.local.leftovers import end_leftovers, record
from ops.local.polling import holds_within
from ops.local.process import has_ended, identity_of
from ops.local.supervisor import Supervisor, delay_before_start
from tests.tidy.rooms import REPOSITORY
from tests.unit.local.parts import DIES, LIVES, REFUSES_TO_END, a_part, pid_in


class Told(list[str]):
    """Lines meant for a person."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest_asyncio.fixture
async def supervisor(tmp_path: Path, told: Told) -> AsyncIterator[Supervisor]:
    started = Supervisor(tmp_path, tmp_path, told.append, lambda name: told.append(f"{name} back"))
    yield started
    await started.end(["part", "other"], patience_s=0.5)


async def test_a_part_that_is_killed_comes_back_as_another_process(
    supervisor: Supervisor, tmp_path: Path, told: Told
) -> None:
    await supervisor.start(a_part(tmp_path))
    before = supervisor.child("part").pid
    supervisor.kill("part", signal.SIGKILL)
    await supervisor.until_ready("part", within_s=10)
    assert supervisor.child("part").pid not in (0, before)
    assert told[0].startswith("part ended (SIGKILL); starting again in 0.1 s")
    assert told[1:] == ["part back"]


async def test_a_running_part_is_recorded_and_an_ended_one_is_not(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    await supervisor.start(a_part(tmp_path))
    identity = identity_of(supervisor.child("part").pid)
    assert identity is not None
    kept = json.loads((tmp_path / "part.pid.json").read_text())
    assert (kept["pid"], kept["started"]) == (identity.pid, identity.started)
    await supervisor.end(["part"], patience_s=5)
    assert identity_of(identity.pid) is None
    assert not (tmp_path / "part.pid.json").exists()


async def test_a_part_that_will_not_end_is_killed_while_the_others_end_by_themselves(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    await supervisor.start(a_part(tmp_path, REFUSES_TO_END))
    await supervisor.start(a_part(tmp_path, name="other"))
    pids = [supervisor.child(name).pid for name in ("part", "other")]
    await supervisor.end(["part", "other"], patience_s=0.2)
    assert [identity_of(pid) for pid in pids] == [None, None]


async def test_wrong_settings_end_the_start_at_once_with_what_the_part_said(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    part = replace(a_part(tmp_path, DIES, "2"), ready_within_s=600)
    with pytest.raises(PartFailedError, match=r"(?s)exit 2.*part\.log.*no settings: SYNC_DSN"):
        await supervisor.start(part)


async def test_a_part_that_dies_before_it_is_ready_is_tried_again_until_its_time_is_over(
    supervisor: Supervisor, tmp_path: Path, told: Told
) -> None:
    part = replace(a_part(tmp_path, DIES, "1"), ready_within_s=1.0)
    with pytest.raises(PartFailedError, match="exit 1"):
        await supervisor.start(part)
    assert len(told) > 1


async def test_a_part_that_cannot_be_started_says_why(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    part = replace(a_part(tmp_path), directory=tmp_path / "nowhere")
    with pytest.raises(OSError, match="nowhere"):
        await supervisor.start(part)


async def test_a_signal_for_a_part_that_does_not_run_is_refused_with_the_parts_there_are(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    await supervisor.start(a_part(tmp_path))
    with pytest.raises(WrongUsageError, match=r"'parts'.*running: part$"):
        supervisor.kill("parts", signal.SIGKILL)


async def test_nothing_of_a_part_reaches_our_own_output(
    supervisor: Supervisor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await supervisor.start(a_part(tmp_path, f"print('loud', flush=True){LIVES}"))
    await supervisor.end(["part"], patience_s=5)
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / "part.log").read_text() == "loud\n"


async def test_a_log_that_has_grown_large_is_put_aside_when_the_part_starts(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LOG_BYTES_MAX", 3)
    (tmp_path / "part.log").write_text("old and long")
    await supervisor.start(a_part(tmp_path, f"print('new', flush=True){LIVES}"))
    assert (tmp_path / "part.log").read_text() == "new\n"
    assert (tmp_path / "part.log.1").read_text() == "old and long"


def test_the_wait_before_a_start_begins_small_grows_and_has_a_limit() -> None:
    assert 0.07 < delay_before_start(1) < 0.13
    assert delay_before_start(5) > delay_before_start(1)
    assert delay_before_start(10_000) <= 12.5


async def test_what_a_killed_stack_left_is_ended_by_its_record(tmp_path: Path) -> None:
    left = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", REFUSES_TO_END, str(tmp_path / "ready")
    )
    record(tmp_path, "ingest", left.pid, signal.SIGKILL)
    assert await end_leftovers(tmp_path) == ["ingest"]
    assert await left.wait() == -signal.SIGKILL
    assert await end_leftovers(tmp_path) == []


async def test_a_stranger_with_the_pid_of_a_leftover_is_not_touched(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", LIVES, str(tmp_path / "ready")
    )
    record(tmp_path, "ingest", stranger.pid, signal.SIGKILL)
    path = tmp_path / "ingest.pid.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "started": kept["started"] + "0"}))
    assert await end_leftovers(tmp_path) == []
    assert identity_of(stranger.pid) is not None
    assert not path.exists()
    stranger.kill()
    await stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "started": 1}'])
async def test_a_record_that_was_not_written_to_its_end_harms_nobody(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "ingest.pid.json").write_text(text)
    assert await end_leftovers(tmp_path) == []


async def test_a_part_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    keeper = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.local.keeper", str(tmp_path), cwd=REPOSITORY
    )
    ready = tmp_path / "part.ready"

    async def is_ready() -> bool:
        return pid_in(ready) > 0

    assert await holds_within(20, is_ready)
    child = identity_of(pid_in(ready))
    assert child is not None
    keeper.kill()
    await keeper.wait()
    assert await has_ended(child, patience_s=20)
