"""Carries out commands that name many records at once: read what stands, write what differs.

Salesforce refuses a second record of the same, so an answer that got lost is followed by another
reading and nothing more.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import RetryableError
from kernel.exact_json import Json
from kernel.verdicts import Verdict, held, stands
from runtime.process import Context
from salesforce_writer.app.work import PART, Work
from salesforce_writer.domain.dated_rates import (
    CODE,
    CORPORATE,
    change_of,
    key_of_rate,
    query_of_rates,
)
from salesforce_writer.domain.dated_rates import KIND as RATE
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
        rates = [work for work in works if work.command.target.kind == RATE]
        if rates:
            await self._each(rates, self._rates)
        for work in works:
            if work.is_open:
                await self._each([work], self._prices)

    async def _each(
        self, works: Sequence[Work], carry: Callable[[Sequence[Work]], Awaitable[None]]
    ) -> None:
        """What stops one call stops all that have no end yet."""
        try:
            await carry(works)
        except RefusedError as refused:
            for work in (one for one in works if one.is_open):
                self._refuse(work, refused.meaning)
        except RetryableError as error:
            self.ctx.health.waiting(PART, str(error))
            for work in (one for one in works if one.is_open):
                work.trouble = RetryableError(str(error), after_s=error.after_s)

    def _refuse(self, work: Work, meaning: Meaning) -> None:
        work.steps.append(f"refused: {meaning}")
        work.verdict = refusal(work.command, meaning)

    async def _rates(self, works: Sequence[Work]) -> None:
        """Many days of many currencies in one reading and one writing."""
        currencies = await self._currencies(only_active=False)
        rows = {}
        for work in works:
            if verdict := _misfit(work, currencies):
                work.verdict = verdict
            else:
                rows[work.command.id] = work.row.records[0]
        if not rows:
            return
        standing = {key_of_rate(row): row for row in await self._ask(query_of_rates(rows.values()))}
        changes = {id_: change_of(row, standing) for id_, row in rows.items()}
        by_id = {work.command.id: work for work in works}
        for id_ in (id_ for id_, change in changes.items() if change is None):
            by_id[id_].verdict = stands(by_id[id_].command, "ALREADY_SO", "", None)
        for creates in (False, True):
            some = {
                id_: change
                for id_, change in changes.items()
                if change is not None and ("id" not in change) is creates
            }
            await self._written([by_id[id_] for id_ in some], list(some.values()), creates=creates)

    async def _written(
        self, works: Sequence[Work], records: Sequence[JsonObject], *, creates: bool
    ) -> None:
        for at in range(0, len(works), RECORDS_MAX):
            part = slice(at, at + RECORDS_MAX)
            saving = saving_of_records(RATE, records[part], creates=creates)
            meanings = await self._meanings(saving, len(works[part]))
            for work, meaning in zip(works[part], meanings, strict=True):
                if meaning.kind is Kind.DONE:
                    work.verdict = stands(work.command, "WRITTEN", meaning.record_id, None)
                elif _is_refused(meaning):
                    self._refuse(work, meaning)
                else:
                    work.trouble = RetryableError(f"Salesforce answers {meaning}")

    async def _prices(self, works: Sequence[Work]) -> None:
        (work,) = works
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

    async def _currencies(self, *, only_active: bool = True) -> Currencies | None:
        if self.currency:
            return None
        where = " WHERE IsActive = true" if only_active else ""
        query = f"SELECT IsoCode, IsCorporate FROM CurrencyType{where}"
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
        for meaning in await self._meanings(saving, count):
            _judge(meaning, None)

    async def _meanings(self, saving: Saving, count: int) -> list[Meaning]:
        """Of each record of a call that was taken."""
        reply = await self.salesforce.save(saving)
        self._heard(reply)
        meanings = meanings_of_records(reply, count)
        if meanings is None:
            raise RetryableError("Salesforce's answer does not fit the call")
        return meanings

    def _heard(self, reply: Reply) -> None:
        _judge(meaning_of_call(reply), reply.after_s)
        self.ctx.health.well(PART)


def _misfit(work: Work, currencies: Currencies | None) -> Verdict | None:
    """Why a rate has no place in the org."""
    told, code = str(work.row.values.get(CORPORATE)), str(work.row.records[0][CODE])
    if currencies is None or code not in currencies.active:
        return stands(work.command, "CURRENCY_NOT_KEPT", "", None)
    if currencies.corporate != told:
        expected = currencies.corporate
        return held(work.command, "CORPORATE_CURRENCY", value=told, expected=expected)
    return None


def _is_refused(meaning: Meaning) -> bool:
    return meaning.kind in {Kind.REFUSED, Kind.GONE} and meaning.error not in STANDS_BY_NOW


def _judge(meaning: Meaning, after_s: float | None) -> None:
    if meaning.kind is Kind.DONE:
        return
    if _is_refused(meaning):
        raise RefusedError(meaning)
    raise RetryableError(f"Salesforce answers {meaning}", after_s=after_s)
