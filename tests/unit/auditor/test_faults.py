from auditor.domain.columns import LogRecord, columns_of
from auditor.domain.completeness import Partition, Watermarks
from auditor.domain.conservation import Fault, FaultKind
from auditor.domain.faults import Seen, faults_of, judgeable
from kernel.messages import Coordinates, Result
from tests.builders import OPPORTUNITY, change, opportunity
from tests.unit.auditor.records import change_outcome, command, command_outcome, logged, order_ref

EVENT = change(OPPORTUNITY, opportunity())
OUTCOMES = "sync.outcomes.v1"


def found(*records: LogRecord) -> list[Fault]:
    return faults_of(Seen(record.at, columns_of(record)) for record in records)


def test_a_change_that_waited_and_ended_has_no_fault() -> None:
    parked = change_outcome(EVENT, Result.PARKED, "ITEM_UNMAPPED")
    ended = change_outcome(EVENT, round_=1)
    records = [logged(EVENT), logged(parked), logged(ended, offset=1), logged(parked, offset=2)]
    assert found(*records) == []


def test_a_second_final_outcome_is_named_with_both_coordinates() -> None:
    second = change_outcome(EVENT, Result.FILTERED, "NOT_WON")
    (fault,) = found(
        logged(second, offset=9), logged(change_outcome(EVENT), offset=4), logged(EVENT, offset=2)
    )
    assert fault.kind is FaultKind.SECOND_FINAL
    assert (fault.event_id, fault.ref) == (EVENT.id, str(OPPORTUNITY))
    assert fault.change == Coordinates("salesforce.changes.v1", 0, 2)
    assert fault.outcomes == (Coordinates(OUTCOMES, 0, 4), Coordinates(OUTCOMES, 0, 9))
    assert fault.results == ("applied", "filtered")


def test_a_wait_after_the_end_is_named() -> None:
    parked = change_outcome(EVENT, Result.PARKED, "ITEM_UNMAPPED")
    records = [logged(EVENT), logged(change_outcome(EVENT)), logged(parked, offset=1)]
    (fault,) = found(*records)
    assert (fault.kind, fault.results) == (FaultKind.REOPENED, ("applied", "parked"))


def test_an_outcome_without_its_change_is_named() -> None:
    (fault,) = found(logged(change_outcome(EVENT), offset=5))
    assert (fault.kind, fault.change) == (FaultKind.NO_CHANGE, None)
    assert fault.outcomes == (Coordinates(OUTCOMES, 0, 5),)


def test_an_outcome_with_a_result_that_there_is_not_is_named() -> None:
    record = logged(change_outcome(EVENT))
    strange = LogRecord(
        at=record.at,
        logged_at=record.logged_at,
        key=record.key,
        value=record.value,
        headers=tuple(
            (name, b"lost" if name == "x-result" else value) for name, value in record.headers
        ),
    )
    (fault,) = found(logged(EVENT), strange)
    assert (fault.kind, fault.results) == (FaultKind.UNKNOWN_RESULT, ("lost",))


def test_a_commands_outcome_does_not_end_the_change() -> None:
    done = command(EVENT, order_ref(EVENT), {"memo": "x"})
    assert found(logged(EVENT), logged(command_outcome(done)), logged(change_outcome(EVENT))) == []


def test_an_outcome_newer_than_the_watermarks_is_not_judged_yet() -> None:
    faults = found(logged(change_outcome(EVENT), offset=5))
    part = Partition(OUTCOMES, 0)
    assert judgeable(faults, {part: Watermarks(0, 5)}) == []
    assert judgeable(faults, {part: Watermarks(0, 6)}) == faults
