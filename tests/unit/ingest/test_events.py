"""Ids and versions: the same reading has the same id, and versions grow with commits."""

from datetime import timedelta

from ingest.domain.events import gone_event, read_event, unread_event
from kernel.messages import ChangeKind, Version
from kernel.values import Document
from tests.unit.ingest.samples import AT, OPPORTUNITY_REF, ORG, capture

DOCUMENT = Document({"StageName": "Closed Won"})


def test_the_same_reading_has_the_same_id_whatever_led_to_it() -> None:
    alone = read_event(ORG, OPPORTUNITY_REF, [capture(2)], DOCUMENT, AT)
    together = read_event(ORG, OPPORTUNITY_REF, [capture(1), capture(2)], DOCUMENT, AT)
    assert alone.id == together.id
    assert alone.version == Version(2, 1795166043000000)


def test_another_content_commit_or_moment_is_another_event() -> None:
    base = read_event(ORG, OPPORTUNITY_REF, [capture(2)], DOCUMENT, AT)
    others = [
        read_event(ORG, OPPORTUNITY_REF, [capture(3)], DOCUMENT, AT),
        read_event(ORG, OPPORTUNITY_REF, [capture(2)], Document({"StageName": "x"}), AT),
        read_event(ORG, OPPORTUNITY_REF, [capture(2)], DOCUMENT, AT + timedelta(microseconds=1)),
    ]
    assert len({base.id, *(other.id for other in others)}) == 4
    assert base.version < others[0].version
    assert base.version < others[2].version


def test_a_record_that_is_gone_is_deleted_whatever_was_noticed() -> None:
    gone = gone_event(ORG, OPPORTUNITY_REF, [capture(1), capture(2, ChangeKind.UPDATE)])
    assert (gone.kind, gone.document, gone.content_hash) == (ChangeKind.DELETE, None, "")
    assert gone.id == gone_event(ORG, OPPORTUNITY_REF, [capture(2)]).id


def test_an_unread_change_has_its_position_as_content() -> None:
    one, two = (unread_event(ORG, OPPORTUNITY_REF, capture(number)) for number in (1, 2))
    assert one.id != two.id
    assert one.id == unread_event(ORG, OPPORTUNITY_REF, capture(1)).id
    assert one.document is None
    assert one.version < two.version


def test_a_record_made_and_changed_at_once_is_new() -> None:
    kinds = {
        (ChangeKind.CREATE, ChangeKind.UPDATE): ChangeKind.CREATE,
        (ChangeKind.DELETE, ChangeKind.UNDELETE): ChangeKind.UNDELETE,
        (ChangeKind.UPDATE, ChangeKind.SNAPSHOT): ChangeKind.UPDATE,
        (ChangeKind.SNAPSHOT,): ChangeKind.SNAPSHOT,
        (ChangeKind.DELETE,): ChangeKind.UPDATE,
    }
    for led, expected in kinds.items():
        captures = [capture(number, kind) for number, kind in enumerate(led)]
        assert read_event(ORG, OPPORTUNITY_REF, captures, DOCUMENT, AT).kind is expected
