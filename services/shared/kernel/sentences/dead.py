"""Why a record can never work."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "UNDECODABLE": Sentence(
        "The record at {coordinates} cannot be read: {detail}. SRE: find its producer.",
        Owner.SRE,
        Kind.MAP,
        heals=False,
    ),
    "WRONG_TYPE": Sentence(
        "{field} of {record} holds {value}, which is not {expected}."
        " Administrator: correct the map or the field.",
        Owner.ADMIN,
        Kind.MAP,
        heals=False,
    ),
    "DOCUMENT_TOO_LARGE": Sentence(
        "{record} was not sent: with all its lines it is larger than a record of the log may be."
        " Sales: split it into several; each follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "UNEXPECTED": Sentence(
        "{record} broke the decision: {detail}. SRE: this is a fault of Tallystick; report it.",
        Owner.SRE,
        Kind.MAP,
        heals=False,
    ),
}
