"""The tables of the account's database: records, ledger, bookkeeping, and the search tables."""

from sandbox.netsuite.search import consolidated
from sandbox.netsuite.tables import VIEWED, Tables

BOOKS = """
CREATE TABLE IF NOT EXISTS _record (
  family TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, externalid TEXT,
  name TEXT NOT NULL, body TEXT NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL,
  creator INTEGER NOT NULL, modifier INTEGER NOT NULL,
  PRIMARY KEY (family, id)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS _record_externalid ON _record (family, externalid)
  WHERE externalid IS NOT NULL;
CREATE INDEX IF NOT EXISTS _record_kind ON _record (kind, id);
CREATE TABLE IF NOT EXISTS _sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _unique (
  scope TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY (scope, value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _unique_id ON _unique (id);

CREATE TABLE IF NOT EXISTS _open_item (
  id INTEGER PRIMARY KEY, entity INTEGER NOT NULL, subsidiary INTEGER NOT NULL,
  currency INTEGER NOT NULL, rate TEXT NOT NULL, account INTEGER NOT NULL,
  side INTEGER NOT NULL,
  total TEXT NOT NULL, base TEXT NOT NULL, remaining TEXT NOT NULL, base_remaining TEXT NOT NULL,
  day TEXT NOT NULL, due TEXT NOT NULL, is_open INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS _open_item_entity ON _open_item (entity) WHERE is_open = 1;
CREATE TABLE IF NOT EXISTS _application (
  id INTEGER PRIMARY KEY, target INTEGER NOT NULL, source INTEGER NOT NULL, amount TEXT NOT NULL,
  target_base TEXT NOT NULL, source_base TEXT NOT NULL, day TEXT NOT NULL,
  is_use INTEGER NOT NULL,
  UNIQUE (source, target));
CREATE INDEX IF NOT EXISTS _application_target ON _application (target);
CREATE TABLE IF NOT EXISTS _billing (
  invoice INTEGER NOT NULL, invoice_line INTEGER NOT NULL,
  sales_order INTEGER NOT NULL, order_line INTEGER NOT NULL,
  quantity TEXT NOT NULL, amount TEXT NOT NULL,
  PRIMARY KEY (invoice, invoice_line)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _billing_order ON _billing (sales_order);

CREATE TABLE IF NOT EXISTS _move (
  document INTEGER NOT NULL, document_line INTEGER NOT NULL,
  source INTEGER NOT NULL, source_line INTEGER NOT NULL, quantity TEXT NOT NULL,
  PRIMARY KEY (document, document_line)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _move_source ON _move (source);

CREATE TABLE IF NOT EXISTS _link (
  previousdoc INTEGER NOT NULL, previousline INTEGER NOT NULL, previoustype TEXT NOT NULL,
  nextdoc INTEGER NOT NULL, nextline INTEGER NOT NULL, nexttype TEXT NOT NULL,
  linktype TEXT NOT NULL, foreignamount REAL NOT NULL, lastmodifieddate TEXT NOT NULL,
  PRIMARY KEY (nextdoc, nextline, previousdoc, previousline)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _link_previous ON _link (previousdoc);

CREATE TABLE IF NOT EXISTS _secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _dead_token (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
"""Money in these tables is decimal text, never a float."""
KEPT = frozenset({"_secret", "_dead_token", "_certificate", "_lockout", "_nonce", "loginaudit"})
"""What a new seed leaves alone."""
LINE_LINKS = (
    "SELECT previousdoc, previousline, previoustype, nextdoc, nextline, nexttype, linktype,"
    " foreignamount, lastmodifieddate FROM _link"
)
DOC_LINKS = (
    "SELECT previousdoc, previoustype, nextdoc, nexttype, linktype,"
    " max(lastmodifieddate) AS lastmodifieddate"
    " FROM _link GROUP BY previousdoc, previoustype, nextdoc, nexttype, linktype"
)
VIEWS = {
    "nexttransactionlinelink": LINE_LINKS,
    "previoustransactionlinelink": LINE_LINKS,
    "nexttransactionlink": DOC_LINKS,
    "previoustransactionlink": DOC_LINKS,
    "consolidatedexchangerate": consolidated.VIEW,
}
KEYS = {
    "transactionline": "transaction, id",
    "transactionaccountingline": "transaction, transactionline, accountingbook",
    "customeraddressbook": "entity, internalid",
    "customeraddressbookentityaddress": "nkey",
    "deletedrecord": "recordid, type, deleteddate",
}
INDICES = {
    "transaction": (
        "lastmodifieddate, id",
        "type, lastmodifieddate, id",
        "entity",
        "externalid",
        "trandate",
        "tranid",
    ),
    "transactionline": ("linelastmodifieddate", "createdfrom", "item"),
    "transactionaccountingline": ("account",),
    "customer": ("lastmodifieddate, id", "externalid", "entityid"),
    "contact": ("lastmodifieddate, id",),
    "item": ("lastmodifieddate, id",),
    "entity": ("lastmodifieddate, id",),
    "currencyrate": ("transactioncurrency, basecurrency, effectivedate",),
    "systemnote": ("recordid", "date"),
    "deletedrecord": ("deleteddate",),
}


def schema_of(tables: Tables) -> str:
    return "\n".join([BOOKS, *(_table(name, tables) for name in tables)])


def _table(name: str, tables: Tables) -> str:
    if name in VIEWED:
        view = f'CREATE VIEW IF NOT EXISTS "{name}" AS {VIEWS[name]};'
        return view + (consolidated.RECORDS if name == "consolidatedexchangerate" else "")
    columns = tables[name].values()
    parts = [
        f'"{column.name}" {column.storage}{" NOT NULL" if column.never_null else ""}'
        for column in columns
    ]
    parts.append(f"PRIMARY KEY ({_quoted(KEYS.get(name, 'id'))})")
    indices = [
        f'CREATE INDEX IF NOT EXISTS "{name}_{at}" ON "{name}" ({_quoted(keys)});'
        for at, keys in enumerate(INDICES.get(name, ()))
    ]
    return f'CREATE TABLE IF NOT EXISTS "{name}" ({", ".join(parts)});\n' + "\n".join(indices)


def _quoted(columns: str) -> str:
    return ", ".join(f'"{column.strip()}"' for column in columns.split(","))
