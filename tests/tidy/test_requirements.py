"""The locked requirements: complete, hashed, the same everywhere, free of addresses."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.rooms import REPOSITORY

REQUIREMENTS = REPOSITORY / "requirements"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))
PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<marker> ;[^\\]*)? \\\n(?P<rest>(    .*\n)+)", re.M
)


def pins_of(lock: Path) -> dict[str, str]:
    return {found["name"]: found["version"] for found in PIN.finditer(lock.read_text())}


def test_there_is_one_lock_an_extra_and_dev_holds_them_all() -> None:
    assert {lock.stem for lock in LOCKS} == set(EXTRAS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_pins_each_package_with_its_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    rest = PIN.sub("", text)
    assert [line for line in rest.splitlines() if not line.startswith("#")] == []
    assert all("--hash=sha256:" in found["rest"] for found in PIN.finditer(text))
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_has_every_package_that_its_extra_names(lock: Path) -> None:
    named = list(EXTRAS[lock.stem])
    if lock.stem != "java":
        named += PROJECT["dependencies"]
    if lock.stem == "dev":
        named += [name for extra, names in EXTRAS.items() if extra != "java" for name in names]
    wanted = {canonicalize_name(Requirement(name).name) for name in named}
    assert wanted - pins_of(lock).keys() == set(), "run make lock"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_an_image_holds_the_versions_that_were_tested(lock: Path) -> None:
    tested = pins_of(REQUIREMENTS / "dev.txt")
    if lock.stem != "java":
        assert pins_of(lock).items() <= tested.items(), "run make lock"
