"""The standard duplicate rule for accounts: an alert on create, which callers may override."""

import re
import unicodedata
from collections.abc import Mapping

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

RULE = "Standard_Account_Duplicate_Rule"
MATCH_RULE = "Standard_Account_Match_Rule_v1_0"
MESSAGE = "Use one of these records?"
RENAMED_SINCE = 57.0
"""Bodies up to v56 were recorded with the misspelt key; later ones with the right one."""
NOISE = frozenset(
    "inc incorporated corp corporation co company ltd limited llc llp lp gmbh ag kg ohg se sa sarl"
    " bv nv oy ab as plc pty kk spa srl the".split()
)
MATCHES_MAX = 100


def name_key(name: str) -> str:
    """A name without case, accents, punctuation and legal form."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = re.findall(r"\w+", letters)
    kept = [word for word in words if word not in NOISE]
    return " ".join(kept or words)


def check_duplicates(
    work: Work, before: Mapping[str, Stored] | None, row: Mapping[str, Stored]
) -> None:
    """Only a new account is checked: the standard rule lets edits pass."""
    if work.duplicates.allow_save or before is not None:
        return
    matches = _matches(work, row)
    if not matches:
        return
    result = {
        "allowSave": True,
        "duplicateRule": RULE,
        "duplicateRuleEntityType": "Account",
        "errorMessage": MESSAGE,
        "matchResults": [_match_result(work, matches)],
    }
    key = "duplicateResult" if work.api_version >= RENAMED_SINCE else "duplicateResut"
    raise Refusal("DUPLICATES_DETECTED", MESSAGE, extra={key: result})


def remember_match_key(work: Work, row: Mapping[str, Stored]) -> None:
    work.org.connection.execute(
        "INSERT OR REPLACE INTO match_key (id, name, website) VALUES (?, ?, ?)",
        (row["Id"], name_key(str(row["Name"])), website_key(row["Website"])),
    )


def website_key(website: Stored) -> str | None:
    """The host without www; blank matches nothing."""
    if not website:
        return None
    host = re.sub(r"^\w+://", "", str(website).casefold()).partition("/")[0]
    return host.removeprefix("www.")


def _matches(work: Work, row: Mapping[str, Stored]) -> list[Mapping[str, Stored]]:
    """Same name or same website, and facts in common as the standard matching rule asks."""
    rows = work.org.connection.execute(
        'SELECT k.name AS _name, k.website AS _website, a.* FROM match_key k JOIN "Account" a'
        ' ON a."Id" = k.id WHERE (k.name = ? OR k.website = ?) AND a."IsDeleted" = 0'
        ' AND a."Id" <> ? ORDER BY a."Id" LIMIT ?',
        (name_key(str(row["Name"])), website_key(row["Website"]), row["Id"], MATCHES_MAX),
    )
    return [dict(other) for other in rows if _is_match(row, dict(other))]


def _is_match(row: Mapping[str, Stored], other: Mapping[str, Stored]) -> bool:
    street, city, state, code, phone = (
        _same(row[name], other[name])
        for name in ("BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "Phone")
    )
    if other["_name"] == name_key(str(row["Name"])) and (
        street or (city and state) or code or phone
    ):
        return True
    website = website_key(row["Website"])
    return website is not None and other["_website"] == website and (phone or street)


def _same(one: Stored, other: Stored) -> bool:
    """Blank matches nothing."""
    return bool(one) and bool(other) and _squeezed(one) == _squeezed(other)


def _squeezed(value: Stored) -> str:
    return re.sub(r"\W+", "", str(value).casefold())


def _match_result(work: Work, matches: list[Mapping[str, Stored]]) -> dict[str, object]:
    return {
        "entityType": "Account",
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": [_match_record(work, match) for match in matches],
        "rule": MATCH_RULE,
        "size": len(matches),
        "success": True,
    }


def _match_record(work: Work, match: Mapping[str, Stored]) -> dict[str, object]:
    url = f"/services/data/v{work.api_version:.1f}/sobjects/Account/{match['Id']}"
    record: dict[str, object] = {
        "attributes": {"type": "Account", "url": url},
        "Id": match["Id"],
    }
    if work.duplicates.include_details:
        record["Name"] = match["Name"]
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": record,
    }
