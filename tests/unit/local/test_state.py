"""The state directory: held by one stack, wiped no further than it reaches."""

import os
import stat
from pathlib import Path

import pytest

from ops.local.environment import key_encryption_key
from ops.local.errors import WrongUsageError
from ops.local.state import PORTS, held_state, lay_out, port_of, write_whole


def test_a_directory_in_use_is_refused_and_the_sentence_names_the_process(tmp_path: Path) -> None:
    with (
        held_state(tmp_path / "state"),
        pytest.raises(WrongUsageError, match=f"process {os.getpid()}: .*--state"),
        held_state(tmp_path / "state"),
    ):
        pass


def test_a_directory_can_be_held_again_after_it_was_let_go(tmp_path: Path) -> None:
    with held_state(tmp_path / "state") as first:
        pass
    with held_state(tmp_path / "state") as second:
        assert second.id == first.id


def test_two_directories_are_two_states(tmp_path: Path) -> None:
    with held_state(tmp_path / "a") as first, held_state(tmp_path / "b") as second:
        assert first.id != second.id


def test_a_directory_with_files_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with (
        pytest.raises(WrongUsageError, match=r"not a state directory.*--state"),
        held_state(tmp_path),
    ):
        pass
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_a_fresh_start_forgets_what_a_stack_wrote_and_nothing_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    with held_state(tmp_path / "state") as state:
        lay_out(state, fresh=False)
        key = key_encryption_key(state).read_text()
        (state.directory / "notes.txt").touch()
        (state.logs / "kafka.log").touch()
        (state.directory / "postgres").symlink_to(elsewhere)
        lay_out(state, fresh=True)
        assert (state.directory / "notes.txt").exists()
        assert os.listdir(state.logs) == []
        assert not (state.directory / "postgres").is_symlink()
        assert (elsewhere / "kept").exists()
        assert key_encryption_key(state).read_text() != key


def test_without_a_fresh_start_keys_and_ports_stay(tmp_path: Path) -> None:
    with held_state(tmp_path) as state:
        lay_out(state, fresh=False)
        ports = [port_of(state, name) for name in PORTS]
        key = key_encryption_key(state).read_text()
        lay_out(state, fresh=False)
        assert [port_of(state, name) for name in PORTS] == ports
        assert len(set(ports)) == len(PORTS)
        assert key_encryption_key(state).read_text() == key


def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    with held_state(tmp_path) as state:
        lay_out(state, fresh=False)
        assert stat.S_IMODE(state.secrets.stat().st_mode) == 0o700
        assert stat.S_IMODE(key_encryption_key(state).stat().st_mode) == 0o600


def test_a_file_that_is_replaced_keeps_its_mode_and_leaves_no_scratch(tmp_path: Path) -> None:
    for text in ("old", "new"):
        write_whole(tmp_path / "file", text, mode=0o600)
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
