"""Carries out commands that name many records at once: read what stands, write what differs.

Salesforce refuses a second record of the same, so an answer that got lost is followed by another
reading and nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import RetryableError
from kernel.exact_json import Json
from kernel.verdicts import held, stands
from runtime.process import Context
from salesforce_writer.app.work import PART, Work
from salesforce_writer.domain.price_lists import (
    BASE_LEVEL,
    BOOK,
    BOOK_ID,
    ENTRY,
    LEVEL,
    LEVEL_KEY,
    PRODUCT,
    missing_books,
    plan_of,
    without_standard,
)
from salesforce_writer.domain.replies import (
    STANDS_BY_NOW,
    Kind,
    Meaning,
    meaning_of_call,
    meanings_of_records,
    refusal,
    told_records,
)
from salesforce_writer.domain.requests import (
    BY_ID,
    CURRENCY,
    RECORDS_MAX,
    JsonObject,
    quoted,
    saving_of_records,
)
from salesforce_writer.ports import Reply, Salesforce, Saving

PRODUCTS_MAX, BOOKS_MAX, ENTRIES_MAX = 50, 1_000, 2_000
"""So many rows are read of an item; one answer of Salesforce holds two thousand."""
Found = Mapping[str, Json]


class RefusedError(Exception):
    """Salesforce does not take it."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Currencies:
    """Of the org; none where it has one and its records do not say it."""

    active: frozenset[str]
    corporate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    salesforce: Salesforce
    ctx: Context
    currency: str
    """Of an org that has one."""

    async def carry_out(self, works: Sequence[Work]) -> None:
        """Give each of these its verdict or its trouble."""
        for work in works:
            try:
                await self._prices(work)
            except RefusedError as refused:
                work.steps.append(f"refused: {refused}")
                work.verdict = refusal(work.command, refused.meaning)
            except RetryableError as error:
                self.ctx.health.waiting(PART, str(error))
                work.trouble = RetryableError(str(error), after_s=error.after_s)

    async def _prices(self, work: Work) -> None:
        key, item = work.row.key[0].partition(".")[2], work.row.key[1]
        products = [str(row[BY_ID]) for row in await self._products(key, item)]
        if not products:
            work.verdict = held(work.command, "PRODUCT_MISSING", item=item)
            return
        wanted = self._priced(work, await self._currencies())
        books = await self._books(wanted)
        entries = await self._entries(products)
        plan = plan_of(wanted, products, books, entries)
        alone = without_standard(plan, wanted, entries, books[BASE_LEVEL])
        if alone is not None:
            work.verdict = held(
                work.command, "STANDARD_PRICE_MISSING",
                item=item, currency=str(alone.get(CURRENCY)), level=str(alone[LEVEL]),
            )  # fmt: skip
            return
        await self._save(ENTRY, plan.changes)
        await self._save(ENTRY, plan.standard, creates=True)
        await self._save(ENTRY, plan.others, creates=True)
        made, changed = len(plan.standard) + len(plan.others), len(plan.changes)
        work.steps.append(f"{made} made, {changed} changed of {len(wanted)} prices")
        code = "ALREADY_SO" if plan.is_empty else "WRITTEN"
        work.verdict = stands(work.command, code, products[0], None)

    def _priced(self, work: Work, currencies: Currencies | None) -> list[JsonObject]:
        """The rows in currencies that the org has, as it wants them; of others it says so."""
        found: list[JsonObject] = []
        for row in work.row.records:
            code = row.get(CURRENCY)
            if currencies is None and code in (None, self.currency):
                found.append({name: value for name, value in row.items() if name != CURRENCY})
            elif currencies and (code is None or str(code) in currencies.active):
                found.append({**row, CURRENCY: code or currencies.corporate})
            else:
                work.steps.append(f"left out: the org has no {code}")
        return found

    async def _products(self, key: str, item: str) -> list[Found]:
        where = f"WHERE {key} = {quoted(item)} ORDER BY Id LIMIT {PRODUCTS_MAX}"
        return await self._ask(f"SELECT Id FROM Product2 {where}")

    async def _currencies(self) -> Currencies | None:
        if self.currency:
            return None
        query = "SELECT IsoCode, IsCorporate FROM CurrencyType WHERE IsActive = true"
        rows = await self._ask(query)
        corporate = [str(row["IsoCode"]) for row in rows if row.get("IsCorporate") is True]
        active = frozenset(str(row["IsoCode"]) for row in rows)
        return Currencies(active=active, corporate="".join(corporate[:1]))

    async def _books(self, wanted: Sequence[JsonObject]) -> dict[str, str]:
        """Ids by level; those that were missing are made."""
        books = await self._standing_books()
        missing = missing_books(wanted, books)
        if not missing:
            return books
        await self._save(BOOK, tuple(missing.values()), external=LEVEL_KEY)
        return await self._standing_books()

    async def _standing_books(self) -> dict[str, str]:
        rows = await self._ask(
            f"SELECT Id, {LEVEL_KEY}, IsStandard FROM {BOOK}"
            f" WHERE IsStandard = true OR {LEVEL_KEY} != null ORDER BY Id LIMIT {BOOKS_MAX}"
        )
        own = {str(row[LEVEL_KEY]): str(row[BY_ID]) for row in rows if row.get(LEVEL_KEY)}
        standard = next(str(row[BY_ID]) for row in rows if row.get("IsStandard") is True)
        return {**own, BASE_LEVEL: standard}

    async def _entries(self, products: Sequence[str]) -> list[Found]:
        code = "" if self.currency else f", {CURRENCY}"
        ids = ", ".join(map(quoted, products))
        return await self._ask(
            f"SELECT Id, {PRODUCT}, {BOOK_ID}, UnitPrice, IsActive{code} FROM {ENTRY}"
            f" WHERE {PRODUCT} IN ({ids}) ORDER BY Id LIMIT {ENTRIES_MAX}"
        )

    async def _ask(self, soql: str) -> list[Found]:
        reply = await self.salesforce.query(soql)
        self._heard(reply)
        return [record for record in told_records(reply) if isinstance(record, dict)]

    async def _save(
        self, kind: str, records: Sequence[JsonObject], *, external: str = "", creates: bool = False
    ) -> None:
        for at in range(0, len(records), RECORDS_MAX):
            some = records[at : at + RECORDS_MAX]
            saving = saving_of_records(kind, some, external=external, creates=creates)
            await self._saved(saving, len(some))

    async def _saved(self, saving: Saving, count: int) -> None:
        reply = await self.salesforce.save(saving)
        self._heard(reply)
        meanings = meanings_of_records(reply, count)
        if meanings is None:
            raise RetryableError("Salesforce's answer does not fit the call")
        for meaning in meanings:
            self._judge(meaning, reply)

    def _heard(self, reply: Reply) -> None:
        meaning = meaning_of_call(reply)
        self._judge(meaning, reply)
        self.ctx.health.well(PART)

    def _judge(self, meaning: Meaning, reply: Reply) -> None:
        if meaning.kind is Kind.DONE:
            return
        is_refused = meaning.kind in {Kind.REFUSED, Kind.GONE}
        if is_refused and meaning.error not in STANDS_BY_NOW:
            raise RefusedError(meaning)
        raise RetryableError(f"Salesforce answers {meaning}", after_s=reply.after_s)
