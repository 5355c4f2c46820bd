"""What keeps a price of NetSuite from its price book."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "WAITS_FOR_PRODUCT": Sentence(
        "The prices of item {item} wait until Salesforce has its product;"
        " they follow by themselves.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "PRODUCT_MISSING": Sentence(
        "{record} is held: no product of Salesforce names NetSuite item {item}."
        " Catalogue owner: write {item} into NS Item Id of the product that sells it,"
        " then save the item in NetSuite again.",
        Owner.CATALOGUE,
        Kind.DEPENDENCY,
        heals=False,
    ),
    "STANDARD_PRICE_MISSING": Sentence(
        "{record} is held: item {item} has a price in {currency} at level {level} and none at the"
        " base level, which Salesforce asks for first."
        " Catalogue owner: enter the base price in NetSuite; the others follow by themselves.",
        Owner.CATALOGUE,
        Kind.DATA,
    ),
}
