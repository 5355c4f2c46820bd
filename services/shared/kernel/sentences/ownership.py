"""What became of a change to a field that the other system owns."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "OWNER_OVERRULED": Sentence(
        "{owner} owns {fields}; your change was undone by rule."
        " Ask finance if it should be otherwise.",
        Owner.NOBODY,
        Kind.POLICY,
    ),
    "EDIT_UNJUDGED": Sentence(
        "{record}: who owns {fields} shows once its record in NetSuite has been read;"
        " it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "OVERRULED_IN_PART": Sentence(
        "What {system} may set stands in the other system; {owner} owns {fields}, which went back"
        " by rule. Ask finance if it should be otherwise.",
        Owner.NOBODY,
        Kind.POLICY,
    ),
    "FIELD_CONFLICT": Sentence(
        "{record} is held: {fields} differs between Salesforce and NetSuite and belongs to nobody."
        " RevOps: agree on one value and enter it on both sides, then tick Sync Now.",
        Owner.REVOPS,
        Kind.POLICY,
        heals=False,
    ),
}
