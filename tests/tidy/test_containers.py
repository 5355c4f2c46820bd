"""The recipes for containers hold together: checked without Docker."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml

from ops.local.databases import ROLES, statements
from ops.local.environment import SERVICES, Facts, environment_of
from ops.local.state import State
from tests.tidy.rooms import REPOSITORY

COMPOSE = REPOSITORY / "docker-compose.yml"
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
OF_CONTAINERS_ALONE = frozenset(
    {"LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT", "MAPS_OVERLAY_DIR", "SALESFORCE_AUDIENCE"}
)
"""Settings that a local stack takes over from whoever starts it."""


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """As Compose does it: a value, else the default, else an error that says what to do."""

    def replacement(match: re.Match[str]) -> str:
        if value := values.get(match["name"]):
            return value
        if match["kind"] == "-":
            return match["rest"]
        raise LookupError(f"{match['name']}: {match['rest']}")

    return VARIABLE.sub(replacement, text)


def names_required() -> set[str]:
    return {
        found["name"] for found in VARIABLE.finditer(COMPOSE.read_text()) if found["kind"] == "?"
    }


@pytest.fixture(scope="module")
def filled() -> str:
    return interpolated(COMPOSE.read_text(), dict.fromkeys(names_required(), "filled"))


@pytest.fixture(scope="module")
def services(filled: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled)["services"]
    return found


def faults_of(compose: str) -> str:
    """What the compose specification says against it; empty when nothing."""
    merged = yaml.safe_dump(yaml.safe_load(compose))
    try:
        compose_spec.PyCompose.from_yaml(merged).validate()
    except ValueError as error:
        return str(error)
    return ""


def test_the_compose_file_follows_the_specification(filled: str) -> None:
    assert faults_of(filled) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "healthceck:"),
        ("condition: service_healthy", "condition: service_helthy"),
        ("secrets: [kek]", "secrets: [kex]"),
        ("interval: 10s", "interval: often"),
        (":9092:9092", ":9092:90922"),
        ("read_only: true", "read_only: maybe"),
    ],
)
def test_a_planted_fault_in_the_compose_file_is_caught(filled: str, right: str, wrong: str) -> None:
    assert right in filled
    assert faults_of(filled.replace(right, wrong)) != ""


def test_what_a_service_waits_for_is_there_and_says_when_it_is_healthy(
    services: dict[str, dict[str, Any]],
) -> None:
    for service in services.values():
        for name in service.get("depends_on", {}):
            assert "healthcheck" in services[name]


def test_no_secret_stands_in_the_compose_file_and_a_missing_one_says_what_to_do() -> None:
    text = COMPOSE.read_text()
    assert re.findall(r"PASSWORD: (?!\"\$\{\w+:\?run make \.env\}\")", text) == []
    assert re.findall(r"postgresql://\w+:(?!\$\{\w+:\?run make \.env\}@)", text) == []
    with pytest.raises(LookupError, match=r"_PASSWORD: run make \.env"):
        interpolated(text, {})


def test_make_writes_every_value_that_the_compose_file_demands(tmp_path: Path) -> None:
    subprocess.run(
        ["make", "--silent", "--directory", tmp_path, "--file", REPOSITORY / "Makefile", ".env"],
        check=True,
        timeout=30,
    )
    lines = (tmp_path / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines)
    assert names_required() <= values.keys()
    assert len(set(values.values())) >= len(names_required())
    assert faults_of(interpolated(COMPOSE.read_text(), values)) == ""
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert (tmp_path / ".compose" / "kek").stat().st_mode & 0o077 == 0


def test_every_service_is_built_by_the_one_recipe_and_others_have_their_version(
    services: dict[str, dict[str, Any]],
) -> None:
    assert set(SERVICES) < set(services)
    for name, service in services.items():
        if name in {"kafka", "postgres"}:
            assert re.search(r":\d", service["image"])
            continue
        assert service["build"]["args"] == {"SERVICE": name}
        assert (REPOSITORY / "services" / name).is_dir()
        assert (REPOSITORY / "requirements" / f"{name}.txt").exists()


def test_settings_have_the_names_that_they_have_in_a_local_stack(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir()
    facts = Facts(
        state=State(directory=tmp_path, id="any"),
        caller={},
        bootstrap="kafka:1",
        dsns={role: role for roles in ROLES.values() for role in roles},
        sandbox={name: AnyValue() for name in ("salesforce", "netsuite", "tls")},
    )
    for name in SERVICES:
        local = environment_of(name, facts).keys() | OF_CONTAINERS_ALONE
        assert services[name]["environment"].keys() <= local


class AnyValue(dict[str, object]):
    """A sandbox's answer to whatever is asked."""

    def get(self, key: str, default: object = None) -> object:
        return f"{key} {default}"


def test_containers_make_the_same_databases_and_roles_as_a_local_stack() -> None:
    written = (REPOSITORY / "deploy" / "local" / "roles.sql").read_text()
    lines = [re.sub(r":'(\w+)'", r"'\1'", line) for line in written.splitlines()]
    roles = [role for names in ROLES.values() for role in names]
    made = [f"{line};" for line in statements({role: role for role in roles})]
    assert [line for line in lines if line and not line.startswith(("--", "\\"))] == made


def test_the_recipe_for_images_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    checked = subprocess.run(
        [hadolint, "--no-color", DOCKERFILE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_images_run_as_nobody_in_particular_and_without_tools_that_install() -> None:
    text = DOCKERFILE.read_text()
    final = text[text.rindex("FROM") :]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", final, re.MULTILINE)
    assert "pip uninstall" in final
    assert "--require-hashes" in text


@pytest.mark.parametrize("service", SERVICES)
def test_the_entry_of_an_image_starts_its_service_from_the_images_own_files(
    service: str, tmp_path: Path
) -> None:
    """The folders as the recipe lays them out; the packages are those of this environment."""
    app = tmp_path / "app"
    leave_out = shutil.ignore_patterns("__pycache__")
    for source, target in {
        "services/shared": "shared",
        f"services/{service}": "service",
        "schemas": "schemas",
    }.items():
        shutil.copytree(REPOSITORY / source, app / target, ignore=leave_out)
    for name in ("deploy/image_entry.py", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, app)
    (app / "venv" / "bin").mkdir(parents=True)
    (app / "venv" / "bin" / "python").symlink_to(sys.executable)
    (app / "venv" / "lib" / "python3" / "site-packages").mkdir(parents=True)
    subprocess.run([sys.executable, app / "image_entry.py", service], check=True, timeout=30)
    packages = (app / "shared", app / "service", sysconfig.get_path("purelib"))
    ran = subprocess.run(
        [app / "entry"],
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(map(str, packages))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert f"{service}: KAFKA_BOOTSTRAP" in ran.stderr
