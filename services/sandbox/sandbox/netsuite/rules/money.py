"""Where money of a customer goes to or comes from: undeposited funds, or a bank account."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing
from sandbox.netsuite.kinds import STATUS_NAMES
from sandbox.netsuite.ledger.facts import BANK, UNDEPOSITED, special_account
from sandbox.netsuite.values import Document, ref, ref_id, to


def into(work: Work, document: Document, kind: str, waiting: str, banked: str) -> None:
    """Undeposited funds unless an account is named; the letters are of the two statuses."""
    if ref(document, "account"):
        _check_bank(work, document)
        document["undepFunds"] = {"id": "F", "refName": "Account"}
    else:
        document["undepFunds"] = {"id": "T", "refName": "Undep. Funds"}
    status = banked if ref(document, "account") else waiting
    document["status"] = {"id": status, "refName": STATUS_NAMES[kind][status]}


def out_of(work: Work, document: Document) -> None:
    """The account's first bank account unless another is named."""
    if not ref(document, "account"):
        row = work.connection.execute(
            "SELECT id FROM account WHERE accttype = ? ORDER BY id LIMIT 1", (BANK,)
        ).fetchone()
        if row is None:
            raise missing("Account")
        document["account"] = to(row[0])
    _check_bank(work, document)


def money_account(work: Work, document: Document) -> int:
    return ref_id(document, "account") or special_account(work, UNDEPOSITED)


def _check_bank(work: Work, document: Document) -> None:
    row = work.connection.execute(
        "SELECT accttype FROM account WHERE id = ?", (ref_id(document, "account"),)
    ).fetchone()
    if row is None or row[0] != BANK:
        raise invalid_field(ref(document, "account"), "account", "account")
