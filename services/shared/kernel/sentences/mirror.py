"""How the rows that show NetSuite's transactions in Salesforce fare."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "CUSTOMER_NOT_LINKED": Sentence(
        "{record} stays in NetSuite by rule customer-not-linked: its customer {customer} is linked"
        " to no account."
    ),
    "WAITS_FOR_ROW": Sentence(
        "{record} waits until the row that it belongs to stands in Salesforce ({other});"
        " it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "REMOVED": Sentence("{target} was removed, as its counterpart was."),
    "ALREADY_GONE": Sentence("{target} is not there any more; nothing was removed."),
    "CODE_TAKEN": Sentence(
        "{record} is held: a product with the code {value} is linked to another NetSuite item."
        " Catalogue owner: correct NS Item Id or the code of that product, then change the item.",
        Owner.CATALOGUE,
        Kind.DATA,
    ),
    "FOREIGN_CURRENCY": Sentence(
        "{record} is held: it is in {value}, and the Salesforce org keeps one currency, {expected}."
        " Administrator: switch on several currencies in Salesforce.",
        Owner.ADMIN,
        Kind.MAP,
    ),
}
