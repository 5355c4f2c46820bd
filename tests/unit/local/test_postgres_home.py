"""Started by root, PostgreSQL runs as somebody who can walk to its files."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.local.errors import PartFailedError
from ops.local.postgres_home import OWNER_NOTE, home_for_root


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A state directory that only its owner can walk to."""
    tmp_path.chmod(0o700)
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def test_where_the_way_is_closed_the_data_stand_in_the_shelter_and_are_found_again(
    closed: Path, tmp_path: Path
) -> None:
    shelter = tmp_path / "shelter"
    first = home_for_root(closed / "postgres", shelter)
    assert first.directory.parent == shelter
    assert (closed / "postgres").resolve() == first.directory
    assert (first.directory / OWNER_NOTE).read_text() == str(closed / "postgres")
    (first.directory / "data").mkdir()
    assert home_for_root(closed / "postgres", shelter) == first
    assert first.data.exists()


def test_data_of_a_state_that_was_wiped_or_removed_leave_the_shelter(
    closed: Path, tmp_path: Path
) -> None:
    shelter = tmp_path / "shelter"
    wiped = home_for_root(closed / "postgres", shelter).directory
    (closed / "other").mkdir()
    kept = home_for_root(closed / "other" / "postgres", shelter).directory
    (closed / "postgres").unlink()
    home_for_root(closed / "other" / "postgres", shelter)
    assert not wiped.exists()
    assert kept.exists()


def test_starts_at_once_do_not_stumble_over_what_another_of_them_removes(
    closed: Path, tmp_path: Path
) -> None:
    shelter = tmp_path / "shelter"
    home_for_root(closed / "postgres", shelter)
    for number in range(300):
        (shelter / f"postgres-{number}").mkdir()
        (shelter / f"postgres-{number}" / OWNER_NOTE).write_text(str(closed / "wiped"))
    with ThreadPoolExecutor(4) as starts:
        homes = starts.map(home_for_root, [closed / "postgres"] * 4, [shelter] * 4)
        (home,) = set(homes)
    assert [*shelter.glob("postgres-*")] == [home.directory]


def test_data_that_a_server_uses_are_never_removed(closed: Path, tmp_path: Path) -> None:
    shelter = tmp_path / "shelter"
    home = home_for_root(closed / "postgres", shelter)
    home.data.mkdir()
    (home.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    (closed / "postgres").unlink()
    home_for_root(closed / "postgres", shelter)
    assert home.data.exists()


def test_a_shelter_that_others_can_write_is_refused_with_the_remedies(
    closed: Path, tmp_path: Path
) -> None:
    shelter = tmp_path / "shelter"
    shelter.mkdir()
    shelter.chmod(0o777)
    with pytest.raises(PartFailedError, match="remove it, or start as a normal user"):
        home_for_root(closed / "postgres", shelter)
