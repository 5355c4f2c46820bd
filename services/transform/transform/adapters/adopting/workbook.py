"""What adopting has read and decided, in one SQLite file that outlives being broken off."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from kernel.errors import FatalError
from transform.adapters.adopting.secrecy import Secrecy
from transform.domain.adopting.proposals import Proposal, Standing
from transform.domain.adopting.records import Customer
from transform.domain.matching.blocking import keys_of, strong_keys
from transform.domain.matching.profiles import Profile, profile_of

FORMAT = "2"
"""Grows with every change of these tables or of what is sealed in them."""
CANDIDATES_MAX = 20
"""Compared with one account: those that share most with it."""
SHARED_MAX = 20
"""Customers under one key; one that more of them share tells nothing, unless it is a strong one."""
READ_MAX = 5_000
"""Customers kept open in memory."""
CACHE_KIB = 16_000
BUSY_MS = 10_000
TABLES = """
    CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS customers (
        id INTEGER PRIMARY KEY, number TEXT NOT NULL, external_id TEXT NOT NULL,
        mark TEXT NOT NULL, account TEXT NOT NULL, sealed BLOB NOT NULL
    );
    CREATE TABLE IF NOT EXISTS keys (
        key INTEGER NOT NULL, customer INTEGER NOT NULL, strong INTEGER NOT NULL,
        PRIMARY KEY (key, customer)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS proposals (
        account TEXT PRIMARY KEY, standing TEXT NOT NULL, customer TEXT NOT NULL,
        score TEXT NOT NULL, why TEXT NOT NULL, is_done INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS proposals_by_customer ON proposals (customer)
        WHERE standing IN ('to link', 'linked');
    CREATE INDEX IF NOT EXISTS proposals_to_link ON proposals (account)
        WHERE standing = 'to link' AND is_done = 0;
"""
COLUMNS = "number, external_id, mark, sealed"
CANDIDATES = f"""
    SELECT customer FROM keys WHERE key IN ({{}}) GROUP BY customer
    ORDER BY COUNT(*) DESC, customer LIMIT {CANDIDATES_MAX}
"""
TOO_COMMON = """
    DELETE FROM keys WHERE strong = 0 AND key IN
        (SELECT key FROM keys GROUP BY key HAVING COUNT(*) > ?)
"""
SETTLE = """
    UPDATE proposals SET standing = 'to review', why = why || ' Several accounts are like it.'
    WHERE standing = 'to link' AND customer IN (
        SELECT customer FROM proposals WHERE standing IN ('to link', 'linked')
        GROUP BY customer HAVING COUNT(*) > 1
    )
"""


class SqliteWorkbook:
    """One process writes; others may read beside it."""

    def __init__(self, path: Path, secrecy: Secrecy, *, reads_only: bool = False) -> None:
        self._secrecy = secrecy
        # the same customers come up again and again among the accounts of one page
        self._read = lru_cache(maxsize=READ_MAX)(self._opened_and_read)
        try:
            self._db = _opened(path, reads_only)
            if not reads_only:
                self._db.executescript(TABLES)
                _check_format(self.recall("format"), path)
                self.note(format=FORMAT)
        except sqlite3.DatabaseError as error:
            raise FatalError(f"{path} is no workbook ({error}): begin in another place") from error

    def close(self) -> None:
        self._db.close()

    def recall(self, name: str) -> str:
        row = self._db.execute("SELECT text FROM notes WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else ""

    def note(self, **facts: str) -> None:
        with self._db:
            self._noted(facts)

    def forget(self) -> None:
        """Begin anew."""
        with self._db:
            for table in ("notes", "customers", "keys", "proposals"):
                self._db.execute(f"DELETE FROM {table}")
            self._noted({"format": FORMAT})

    def add_customers(self, customers: Sequence[Customer], notes: Mapping[str, str]) -> None:
        rows: list[tuple[object, ...]] = []
        keys: list[tuple[int, int, int]] = []
        for customer in customers:
            profile = profile_of(customer.party)
            rows.append(self._row(customer, profile))
            keys += self._keys(customer, profile)
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO customers VALUES (?,?,?,?,?,?)", rows)
            self._db.executemany("INSERT OR REPLACE INTO keys VALUES (?,?,?)", sorted(keys))
            self._noted(notes)

    def close_customers(self) -> None:
        with self._db:
            self._db.execute(TOO_COMMON, [SHARED_MAX])
            self._db.execute("CREATE INDEX IF NOT EXISTS by_account ON customers (account)")
            self._noted({"customers": "read"})

    def customer(self, customer_id: str) -> Customer | None:
        is_id = customer_id.isascii() and customer_id.isdigit()
        found = self._found("id", int(customer_id)) if is_id else None
        return found[0] if found else None

    def customer_of_account(self, account_id: str) -> Customer | None:
        found = self._found("account", account_id)
        return found[0] if found else None

    def candidates(self, profile: Profile) -> Sequence[tuple[Customer, Profile]]:
        keys = [self._secrecy.digest(key) for key in keys_of(profile)]
        statement = CANDIDATES.format(",".join("?" * len(keys)))
        ids = [row[0] for row in self._db.execute(statement, keys).fetchall()]
        return [self._read(customer_id) for customer_id in ids]

    def _opened_and_read(self, customer_id: int) -> tuple[Customer, Profile]:
        found = self._found("id", customer_id)
        if found is None:
            raise FatalError(f"the workbook lost customer {customer_id}: begin anew")
        return found

    def _found(self, column: str, value: int | str) -> tuple[Customer, Profile] | None:
        select = f"SELECT {COLUMNS} FROM customers WHERE {column} = ?"
        row = self._db.execute(select, [value]).fetchone()
        if row is None:
            return None
        number, external_id, mark, sealed = row
        profile = self._secrecy.opened(sealed)
        customer = Customer(party=profile.party, number=number, external_id=external_id, mark=mark)
        return customer, profile

    def add_proposals(self, proposals: Sequence[Proposal], notes: Mapping[str, str]) -> None:
        rows = [(p.account_id, p.standing, p.customer_id, p.score, p.why) for p in proposals]
        insert = "INSERT OR REPLACE INTO proposals VALUES (?,?,?,?,?,0)"
        with self._db:
            self._db.executemany(insert, rows)
            self._noted(notes)

    def settle_claims(self) -> None:
        with self._db:
            self._db.execute(SETTLE)
            self._noted({"accounts": "judged"})

    def counts(self) -> Mapping[str, int]:
        rows = self._db.execute("SELECT standing, COUNT(*) FROM proposals GROUP BY standing")
        found = dict(rows.fetchall())
        return {standing.value: int(found.get(standing.value, 0)) for standing in Standing}

    def proposals(self) -> Iterator[Proposal]:
        select = "SELECT account, standing, customer, score, why FROM proposals ORDER BY account"
        with closing(self._db.execute(select)) as rows:
            for account, standing, customer, score, why in rows:
                yield Proposal(
                    account_id=account,
                    standing=Standing(standing),
                    customer_id=customer,
                    score=score,
                    why=why,
                )

    def to_link(self, limit: int) -> Sequence[tuple[str, str]]:
        select = (
            "SELECT account, customer FROM proposals WHERE standing = 'to link' AND is_done = 0"
            " ORDER BY account LIMIT ?"
        )
        return self._db.execute(select, [limit]).fetchall()

    def linked(self, limit: int, after: str) -> Sequence[tuple[str, str]]:
        select = (
            "SELECT account, customer FROM proposals WHERE standing = 'linked' AND account > ?"
            " ORDER BY account LIMIT ?"
        )
        return self._db.execute(select, [after, limit]).fetchall()

    def done(self, results: Mapping[str, str]) -> None:
        linked = [(account,) for account, why in results.items() if not why]
        left = [(why, account) for account, why in results.items() if why]
        with self._db:
            set_linked = "UPDATE proposals SET is_done = 1, standing = 'linked' WHERE account = ?"
            self._db.executemany(set_linked, linked)
            set_left = (
                "UPDATE proposals SET is_done = 1, standing = 'left alone', why = ?"
                " WHERE account = ?"
            )
            self._db.executemany(set_left, left)

    def _noted(self, facts: Mapping[str, str]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO notes VALUES (?,?)", facts.items())

    def _row(self, customer: Customer, profile: Profile) -> tuple[object, ...]:
        marks = customer.number, customer.external_id, customer.mark, customer.account()
        return (int(customer.id), *marks, self._secrecy.sealed(profile))

    def _keys(self, customer: Customer, profile: Profile) -> Iterator[tuple[int, int, int]]:
        strong = strong_keys(profile)
        for key in keys_of(profile):
            yield self._secrecy.digest(key), int(customer.id), int(key in strong)


def _opened(path: Path, reads_only: bool) -> sqlite3.Connection:
    mode = "ro" if reads_only else "rwc"
    address = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(address, uri=True, check_same_thread=False)  # one thread at a time
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if not reads_only:
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
    return db


def _check_format(found: str, path: Path) -> None:
    if found not in {"", FORMAT}:
        raise FatalError(f"{path} was made by another version: begin in another directory")
