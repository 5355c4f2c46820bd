"""What the books of the NetSuite stand-in add up to: queries for the tests of its ledger."""

BALANCED = (
    'SELECT "transaction" FROM transactionaccountingline GROUP BY "transaction"'
    " HAVING abs(sum(amount)) > 0.001"
)
BALANCED_FOREIGN = (
    'SELECT l."transaction" FROM transactionline AS l GROUP BY l."transaction"'
    " HAVING abs(sum(l.foreignamount)) > 0.001"
)
CONTROL = (
    "SELECT l.subsidiary AS subsidiary, sum(a.amount) AS amount FROM transactionaccountingline a"
    ' JOIN transactionline l ON l."transaction" = a."transaction" AND l.id = a.transactionline'
    " WHERE a.account = 119 AND a.posting = 'T' GROUP BY l.subsidiary"
)
MOVED = (
    "SELECT m.quantity, r.kind FROM _move m JOIN _record r ON r.family = 'transaction'"
    " AND r.id = m.document"
)
