"""The ownership matrix holds for every row of the map: who fills which field at which stage."""

import pytest

from kernel.maps import Owner, RecordMap, Rule
from kernel.records import System
from kernel.values import Document, Value
from tests.builders import facts, shipped_maps
from transform.domain.mapping import mapped
from transform.domain.owners import Stage, writers_kinds

SALESFORCE_FILLS = {
    Owner.SALESFORCE: set(Stage),
    Owner.NETSUITE: set(),
    Owner.SALESFORCE_UNTIL_CREATED: {Stage.ABSENT},
    Owner.SALESFORCE_UNTIL_APPROVED: {Stage.ABSENT, Stage.CREATED},
    Owner.SALESFORCE_UNTIL_INVOICED: {Stage.ABSENT, Stage.CREATED, Stage.APPROVED},
    Owner.FIRST_WRITE: set(Stage),
    Owner.BOTH_MANUAL: set(Stage),
}
"""What the words of the matrix say. A field of the last two is filled by either side, once."""

BOTH_FILL = {Owner.FIRST_WRITE, Owner.BOTH_MANUAL}
ROWS = [
    (record_map, rule)
    for record_map in shipped_maps().maps
    for rule in record_map.rules
    if not rule.computed
]


def fills(system: System, owner: Owner) -> set[Stage]:
    if system is System.SALESFORCE:
        return SALESFORCE_FILLS[owner]
    return set(Stage) if owner in BOTH_FILL else set(Stage) - SALESFORCE_FILLS[owner]


def test_t7_1_the_matrix_speaks_of_every_owner() -> None:
    assert set(SALESFORCE_FILLS) == set(Owner)


@pytest.mark.parametrize(
    ("record_map", "rule"), ROWS, ids=[f"{found.name} {rule.write}" for found, rule in ROWS]
)
def test_t7_1_each_row_is_written_at_the_stages_of_its_owner(
    record_map: RecordMap, rule: Rule
) -> None:
    read: dict[str, Value] = {item.read: "x" for item in record_map.rules if item.read}
    for stage in Stage:
        kinds = writers_kinds(record_map.source, stage)
        written = mapped(record_map, Document(read), facts(), owners=kinds).fields
        assert (rule.write in written) == (stage in fills(record_map.source, rule.owner)), stage
