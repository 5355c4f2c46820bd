"""Why a write was refused or could not be made."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "TEXT_TOO_LONG": Sentence(
        "{record} is held: {field} has {length} characters, NetSuite takes {limit}: {value}."
        " Sales: shorten it; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "VALUE_REFUSED": Sentence(
        "{record} is held: {system} does not take {value} for {field}."
        " Sales: correct it; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "NETSUITE_REFUSED": Sentence(
        "{record} is held: NetSuite refused it: {detail}."
        " RevOps: correct the record; it follows by itself.",
        Owner.REVOPS,
        Kind.DATA,
    ),
    "SALESFORCE_REFUSED": Sentence(
        "{record} is held: Salesforce refused the update: {detail}."
        " Administrator: remove the cause, then tick Sync Now.",
        Owner.ADMIN,
        Kind.DATA,
        heals=False,
    ),
    "PERMISSION_MISSING": Sentence(
        "{record} is held: the integration user may not do this in {system}: {detail}."
        " Administrator: grant the permission, then tick Sync Now.",
        Owner.ADMIN,
        Kind.PERMISSION,
        heals=False,
    ),
    "TARGET_GONE": Sentence(
        "{target} does not exist any more; nothing was written."
        " RevOps: link the record anew if it should be synced.",
        Owner.REVOPS,
        Kind.DATA,
        heals=False,
    ),
    "TRIED_ENOUGH": Sentence(
        "{record} is held: {system} failed {attempts} times: {detail}."
        " SRE: see the system's status, then tick Sync Now.",
        Owner.SRE,
        Kind.TRANSIENT,
        heals=False,
    ),
}
