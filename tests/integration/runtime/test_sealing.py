"""Sealing with real data keys: the same everywhere, bound to its place, gone when shredded."""

import asyncio
import base64
import dataclasses
import json
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.errors import FatalError, PermanentError
from kernel.money import Money
from kernel.values import Document, Sealed, Value
from runtime.database import Pool, open_pool
from runtime.sealing import ERASED, Sealer, open_sealer
from tests.integration.runtime.parts import REPOSITORY

pytestmark = pytest.mark.real
VALUES: list[Value] = [
    True,
    0,
    -(10**30),
    "",
    "Ada Lovelace ✓ עדה",
    Decimal("10000.25"),
    Decimal("0.0000001"),
    date(2026, 2, 28),
    datetime(2026, 2, 28, 9, 14, 3, 120_000, UTC),
    Money(Decimal("8272"), "JPY"),
]


@pytest.fixture
async def pool(postgres: Mapping[str, str]) -> AsyncIterator[Pool]:
    async with open_pool(postgres["keys_service"], size=4, service="test") as pool:
        yield pool


@pytest.fixture
async def sealer(pool: Pool, kek_file: Path) -> Sealer:
    return await open_sealer(pool, kek_file)


async def test_every_type_of_value_comes_back_as_it_was(sealer: Sealer, unique: str) -> None:
    sealed = await seal(sealer, unique, *VALUES)
    opened = await sealer.open(sealed)
    found = [opened[item] for item in sealed]
    assert found == VALUES
    assert list(map(type, found)) == list(map(type, VALUES))


async def test_nothing_stays_nothing_and_what_is_sealed_is_not_sealed_again(
    sealer: Sealer, unique: str
) -> None:
    assert await sealer.seal([(unique, "Name", None)]) == [None]
    (sealed,) = await seal(sealer, unique, "Ada")
    with pytest.raises(ValueError, match="Sealed cannot be sealed"):
        await sealer.seal([(unique, "Name", sealed)])


async def test_equal_values_seal_alike_in_one_field_of_one_subject_and_nowhere_else(
    sealer: Sealer, unique: str
) -> None:
    items = [
        (f"{unique}-a", "Name", "Ada"),
        (f"{unique}-a", "Name", "Ada"),
        (f"{unique}-a", "Email", "Ada"),
        (f"{unique}-b", "Name", "Ada"),
        (f"{unique}-a", "Name", "Eve"),
    ]
    first, again, *others = await sealer.seal(items)
    assert first == again
    texts = {item.ciphertext for item in (first, *others) if item}
    assert len(texts) == 4


async def test_processes_that_meet_a_subject_at_the_same_moment_seal_alike(
    postgres: Mapping[str, str], kek_file: Path, unique: str
) -> None:
    subjects = [f"{unique}-{number}" for number in range(40)]
    shuffled = subjects[::-1]
    first, second = await asyncio.gather(
        sealed_elsewhere(postgres["keys_service"], kek_file, subjects),
        sealed_elsewhere(postgres["keys_service"], kek_file, shuffled),
    )
    assert dict(zip(subjects, first, strict=True)) == dict(zip(shuffled, second, strict=True))
    assert len({text for _, text in first}) == 40


async def test_sealers_that_make_the_same_keys_at_the_same_moment_agree(
    pool: Pool, kek_file: Path, unique: str
) -> None:
    sealers = [await open_sealer(pool, kek_file) for _ in range(4)]
    items: list[tuple[str, str, Value]] = [(f"{unique}-{n}", "Name", "Ada") for n in range(20)]
    one, *others = await asyncio.gather(*(sealer.seal(items) for sealer in sealers))
    assert all(other == one for other in others)


async def test_a_value_moved_to_another_subject_or_field_does_not_open(
    sealer: Sealer, unique: str
) -> None:
    (sealed,) = await seal(sealer, unique, "Ada")
    await seal(sealer, f"{unique}-other", "Eve")
    changed = bytes([sealed.ciphertext[0] ^ 1]) + sealed.ciphertext[1:]
    for moved in (
        dataclasses.replace(sealed, path="Email"),
        dataclasses.replace(sealed, subject=f"{unique}-other"),
        dataclasses.replace(sealed, ciphertext=changed),
        dataclasses.replace(sealed, ciphertext=b"short"),
    ):
        with pytest.raises(PermanentError, match="is not what was sealed"):
            await sealer.open([moved])


async def test_a_shredded_subject_opens_as_erased_and_gets_a_new_key_afterwards(
    sealer: Sealer, pool: Pool, kek_file: Path, unique: str
) -> None:
    (before,) = await seal(sealer, unique, "Ada")
    (bystander,) = await seal(sealer, f"{unique}-other", "Eve")
    assert await sealer.shred(unique) == 1
    assert await sealer.shred(unique) == 0
    (after,) = await seal(sealer, unique, "Ada")
    assert after.key_version == before.key_version + 1
    assert after.ciphertext != before.ciphertext
    fresh = await open_sealer(pool, kek_file)
    for one in (sealer, fresh):
        opened = await one.open([before, after, bystander])
        assert opened == {before: ERASED, after: "Ada", bystander: "Eve"}


async def test_another_process_forgets_a_shredded_key_when_its_cache_is_old(
    sealer: Sealer, pool: Pool, kek_file: Path, unique: str
) -> None:
    (sealed,) = await seal(sealer, unique, "Ada")
    elsewhere = await open_sealer(pool, kek_file, age_max_s=0.0)
    assert await elsewhere.open([sealed]) == {sealed: "Ada"}
    await sealer.shred(unique)
    assert await elsewhere.open([sealed]) == {sealed: ERASED}


async def test_more_subjects_than_the_cache_holds_are_sealed_and_opened(
    pool: Pool, kek_file: Path, unique: str
) -> None:
    small = await open_sealer(pool, kek_file, cached_max=5)
    items: list[tuple[str, str, Value]] = [(f"{unique}-{n}", "Name", n) for n in range(50)]
    sealed = [item for item in await small.seal(items) if item]
    opened = await small.open(sealed)
    assert [opened[item] for item in sealed] == list(range(50))
    assert await small.seal(items) == sealed


async def test_a_document_opens_in_its_fields_and_lines(sealer: Sealer, unique: str) -> None:
    name, street = await seal(sealer, unique, "Ada", "Main Street 1")
    document = Document({"Name": name, "Amount": Decimal(3)}, {"lines": ({"Street": street},)})
    assert await sealer.open_document(document) == Document(
        {"Name": "Ada", "Amount": Decimal(3)}, {"lines": ({"Street": "Main Street 1"},)}
    )


async def test_a_wrong_key_encryption_key_stops_the_service_and_names_the_file(
    sealer: Sealer, pool: Pool, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text(base64.b64encode(b"w" * 32).decode())
    with pytest.raises(FatalError, match=f"KEK_FILE {wrong} is not the key"):
        await open_sealer(pool, wrong)


@pytest.mark.parametrize(
    ("text", "fault"),
    [(None, "cannot be read"), ("not base64!", "not base64"), ("a2V5", "holds 3 bytes")],
)
async def test_a_key_file_that_is_no_key_is_refused(
    pool: Pool, tmp_path: Path, text: str | None, fault: str
) -> None:
    path = tmp_path / "kek"
    if text is not None:
        path.write_text(text)
    with pytest.raises(FatalError, match=fault):
        await open_sealer(pool, path)


async def test_no_plain_text_and_no_plain_key_stands_in_the_database(
    sealer: Sealer, pool: Pool, unique: str
) -> None:
    await seal(sealer, unique, "canary-value")
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("SELECT data_keys::text FROM keys.data_keys")
        ).fetchall()
    assert any(unique in row[0] for row in rows)
    assert not any("canary-value" in row[0] for row in rows)


async def seal(sealer: Sealer, subject: str, *values: Value) -> list[Sealed]:
    sealed = await sealer.seal([(subject, "Name", value) for value in values])
    return [item for item in sealed if item]


async def sealed_elsewhere(dsn: str, kek_file: Path, subjects: list[str]) -> list[tuple[int, str]]:
    module = "tests.integration.runtime.sealing_process"
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, dsn, str(kek_file), *subjects),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await running.communicate()
    return [(version, text) for version, text in json.loads(output)]
