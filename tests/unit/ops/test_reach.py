import json
from pathlib import Path

import pytest

from ops.local.errors import UnreachableError, WrongUsageError
from ops.reach import find_place, setting_of
from ops.unsealing import keys_at_hand, opened

ENDPOINTS = {
    "kafka": {"bootstrap": "127.0.0.1:9"},
    "postgres": {"keys": "postgresql://keys@127.0.0.1:9/keys"},
    "services": {"auditor": {"pid": 1, "health": "http://127.0.0.1:8/"}},
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "endpoints.json").write_text(json.dumps(ENDPOINTS))
    return tmp_path


def test_a_named_state_directory_wins(state: Path) -> None:
    place = find_place(state, {"AUDITOR_URL": "http://elsewhere", "TALLYSTICK_STATE": "/other"})
    assert place.auditor == "http://127.0.0.1:8"
    assert place.bootstrap == "127.0.0.1:9"
    assert place.health_of("ingest") is None


def test_then_the_state_directory_of_the_environment(state: Path) -> None:
    place = find_place(None, {"TALLYSTICK_STATE": str(state), "AUDITOR_URL": "http://elsewhere"})
    assert place.auditor == "http://127.0.0.1:8"


def test_then_the_systems_that_the_environment_names() -> None:
    env = {
        "AUDITOR_URL": "http://auditor:1/",
        "KAFKA_BOOTSTRAP": "kafka:1",
        "INGEST_URL": "http://i",
    }
    place = find_place(None, env)
    assert (place.auditor, place.bootstrap) == ("http://auditor:1", "kafka:1")
    assert place.health_of("ingest") == "http://i"
    assert setting_of("netsuite-writer") == "NETSUITE_WRITER_URL"


def test_then_the_stack_of_this_directory(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.rename(state.with_name(".tallystick"))
    monkeypatch.chdir(state.parent)
    assert find_place(None, {}).auditor == "http://127.0.0.1:8"


def test_where_nothing_is_named_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUsageError, match="AUDITOR_URL is not set: start one with"):
        _ = find_place(None, {}).auditor


def test_a_directory_in_which_nothing_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="no stack runs in"):
        find_place(tmp_path, {})
    (tmp_path / "endpoints.json").write_text("{")
    with pytest.raises(WrongUsageError, match="does not read as JSON"):
        find_place(tmp_path, {})
    (tmp_path / "endpoints.json").write_text("{}")
    with pytest.raises(UnreachableError, match="no auditor runs in"):
        _ = find_place(tmp_path, {}).auditor


def test_the_keys_of_a_local_stack_are_at_hand(state: Path) -> None:
    assert keys_at_hand(find_place(state, {})) == ("postgresql://keys@127.0.0.1:9/keys", None)
    (state / "secrets").mkdir()
    (state / "secrets" / "kek").write_text("x")
    assert keys_at_hand(find_place(state, {}))[1] == state / "secrets" / "kek"
    env = {"AUDITOR_URL": "x", "KEYS_DSN": "dsn", "KEK_FILE": "kek"}
    assert keys_at_hand(find_place(None, env)) == ("dsn", Path("kek"))


def test_without_keys_nothing_is_opened_and_nothing_is_said(state: Path) -> None:
    assert opened([], find_place(state, {})) == ({}, "")
