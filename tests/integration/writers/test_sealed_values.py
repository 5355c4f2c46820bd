"""Personal values: opened in the last step, and nowhere to be found on the way."""

from collections.abc import AsyncIterator

import pytest

from kernel.messages import Outcome, Result
from kernel.sentences import say
from kernel.topics import NETSUITE_COMMANDS, OUTCOMES
from kernel.values import Sealed
from ops.local.environment import key_encryption_key
from ops.local.stack import Stack
from runtime.database import open_pool
from runtime.sealing import Sealer, open_sealer
from tests.integration.writers.desk import Desk
from tests.integration.writers.vendors import mutations
from tests.log import CODEC
from tests.unit.netsuite_writer.commands import account_id, customer

pytestmark = pytest.mark.real
WRITER = "netsuite-writer"


@pytest.fixture
async def sealer(stack: Stack) -> AsyncIterator[Sealer]:
    async with open_pool(stack.dsn("keys_service"), size=1, service="test") as pool:
        yield await open_sealer(pool, key_encryption_key(stack.state))


async def sealed(sealer: Sealer, number: int, field: str, text: str) -> Sealed:
    [value] = await sealer.seal([(f"salesforce:Account:{account_id(number)}", field, text)])
    assert value is not None
    return value


async def test_sealed_values_stand_open_in_netsuite_and_nowhere_else(
    desk: Desk, sealer: Sealer, number: int
) -> None:
    """I8"""
    name, mail = f"Canary Person {number}", f"canary{number}@person.example"
    command = customer(
        number,
        companyName=await sealed(sealer, number, "Account.Name", name),
        email=await sealed(sealer, number, "Account.NS_Billing_Email__c", mail),
    )
    [outcome] = desk.write(command)
    assert outcome.result is Result.APPLIED
    record = mutations(desk.history("netsuite"), "customer", "create")[-1]["after"]
    assert (record["companyName"], record["email"]) == (name, mail)
    told = [*desk.log.messages(OUTCOMES), *desk.log.messages(NETSUITE_COMMANDS)]
    everything = b"".join(map(CODEC.encode, told))
    everything += (desk.stack.logs / f"{WRITER}.log").read_bytes()
    for canary in (name, mail):
        assert canary.encode() not in everything


async def test_a_held_outcome_keeps_the_value_as_sealed_as_it_came(
    desk: Desk, sealer: Sealer, number: int
) -> None:
    long = "Canary Long " * 30
    name = await sealed(sealer, number, "Account.Name", long)
    [outcome] = desk.write(customer(number, companyName=name))
    assert outcome.code == "TEXT_TOO_LONG"
    assert outcome.params["value"] == name
    opened = await sealer.open([name])
    assert opened[name] == long
    assert "[sealed]" in say(outcome.code, outcome.params)
    assert long.encode() not in b"".join(map(CODEC.encode, desk.log.messages(OUTCOMES)))


async def test_a_value_sealed_for_somebody_else_ends_the_command(
    desk: Desk, sealer: Sealer, number: int
) -> None:
    name = await sealed(sealer, number, "Account.Name", "Somebody")
    moved = Sealed(f"salesforce:Account:{account_id(number + 1)}", name.path, 1, name.ciphertext)
    await sealed(sealer, number + 1, "Account.Name", "Somebody else")
    [outcome] = desk.write(customer(number, companyName=moved))
    assert (outcome.result, outcome.code) == (Result.DEAD, "UNEXPECTED")
    after: list[Outcome] = desk.write(customer(number + 2))
    assert after[0].result is Result.APPLIED


async def test_what_was_erased_is_not_written(desk: Desk, sealer: Sealer, number: int) -> None:
    name = f"Kept {number} GmbH"
    phone = await sealed(sealer, number, "Account.Phone", "+49 30 5555555")
    assert await sealer.shred(phone.subject) == 1
    [outcome] = desk.write(customer(number, companyName=name, phone=phone))
    assert outcome.result is Result.APPLIED
    record = mutations(desk.history("netsuite"), "customer", "create")[-1]["after"]
    assert record["companyName"] == name
    assert "phone" not in record
