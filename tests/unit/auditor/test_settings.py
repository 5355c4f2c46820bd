import pytest

from auditor.settings import settings_of
from runtime.settings import SettingsError

GOOD = {
    "KAFKA_BOOTSTRAP": "localhost:9092",
    "AUDIT_DSN": "postgresql://writer:secret@db/audit",
    "AUDIT_READER_DSN": "postgresql://reader:secret@db/audit",
}


def test_settings_show_no_dsn() -> None:
    settings = settings_of({**GOOD, "AUDIT_OWNER_DSN": "postgresql://owner:secret@db/audit"})
    assert "secret" not in repr(settings)
    assert settings.owner_dsn.startswith("postgresql://owner")


def test_the_owners_dsn_may_be_left_out() -> None:
    assert settings_of(GOOD).owner_dsn == ""


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of({"AUDITOR_BATCH_MAX": "0"})
    faults = "\n".join(caught.value.faults)
    for name in ("KAFKA_BOOTSTRAP", "AUDIT_DSN", "AUDIT_READER_DSN", "AUDITOR_BATCH_MAX"):
        assert name in faults
