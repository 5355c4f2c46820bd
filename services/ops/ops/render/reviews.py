"""Reviews as a person reads them: two records side by side, and what speaks for either answer."""

from collections.abc import Iterator, Sequence

from ops.render.lines import counted, hanging
from ops.render.shapes import JsonFields, Review
from ops.render.values import Opened, short_ref, text_of, value_of

ID_SHOWN = 8
LABEL = 16
MARKS = {"agrees": "=", "similar": "≈", "differs": "≠", "contradicts": "✗"}
ROWS = (
    ("Name", ("Name",), ("companyName", "firstName", "lastName")),
    ("Number", ("Id",), ("entityId",)),
    ("Tax number", ("NS_VAT_Number__c",), ("vatRegNumber",)),
    ("Web", ("Website",), ("url",)),
    ("E-mail", ("NS_Billing_Email__c",), ("email",)),
    ("Phone", ("Phone",), ("phone",)),
    ("Street", ("BillingStreet",), ("billing.addr1", "billing.addr2")),
    ("Town", ("BillingPostalCode", "BillingCity"), ("billing.zip", "billing.city")),
    ("Country", ("BillingCountryCode", "BillingCountry"), ("billing.country",)),
    ("Inactive", (), ("isInactive",)),
)
"""What is shown of an account and of a customer, row by row."""

ACTIONS = (
    ("link", "they are the same: the account gets this customer"),
    ("create", "they are different: the account gets its own customer"),
    ("reject", "the account is not synced"),
    ("ask-merge", "somebody merges them first"),
)
ACTIONS_ON_MERGE = (
    ("keep", "the two customers stay two"),
    ("ask-merge", "finance merges them in NetSuite"),
)
CUSTOMER, ACCOUNT = "NetSuite customer", "Salesforce account"


def list_lines(reviews: Sequence[Review], open_count: int, opened: Opened, width: int) -> list[str]:
    head = f"{counted(open_count, 'review')} to decide"
    lines = [head if open_count else "Nothing waits for a decision."]
    for review in reviews:
        lines += _listed(review, opened, width)
    if len(reviews) < open_count:
        lines.append(f"the first {len(reviews):,} are shown")
    return lines


def _listed(review: Review, opened: Opened, width: int) -> list[str]:
    left, right = _side(review, opened, 0, 0), _side(review, opened, 0, 1)
    number = _side(review, opened, 1, 1)
    state = _state(review) or counted(review["waiting"], "change") + " waiting"
    text = f"{left} ↔ {right} ({number}) · score {review['score']} · {state}"
    return hanging(f"{review['id'][:ID_SHOWN]}  ", text, width)


def show_lines(review: Review, opened: Opened, width: int) -> list[str]:
    room = max((width - LABEL) // 2 - 1, 20)
    one = CUSTOMER if is_merge(review) else ACCOUNT
    other = ACCOUNT if _is_account(review) else CUSTOMER
    lines = [
        f"Review {review['id']}",
        *hanging("".ljust(LABEL), f"{one:<{room}} {other}", width + room),
        *(_row(review, opened, row, room) for row in range(len(ROWS))),
        "",
        f"Score {review['score']}",
        *_evidence(review, width),
    ]
    if review["holder"]:
        lines += hanging("Taken".ljust(LABEL), f"by {short_ref(review['holder'])}", width)
    why = "an answer" if is_merge(review) else "the account's customer"
    lines += ["", f"{counted(review['waiting'], 'change')} waiting for {why}"]
    if review["action"]:
        lines += hanging("", _state(review), width)
    return lines if is_settled(review) else [*lines, *_choices(review)]


def is_settled(review: Review) -> bool:
    """Somebody asked for a merge: that settles nothing."""
    return review["action"] not in {"", "merge"}


def is_merge(review: Review) -> bool:
    """Whether it asks about two customers; else about an account."""
    return review["about"] == "merge"


def decided_lines(review: Review, action: str, width: int) -> list[str]:
    said = {
        "link": "The account has this customer now; what waited has been decided again.",
        "create": "The account gets its own customer; what waited has been decided again.",
        "reject": "The account is not synced; what waited ended as rejected.",
        "merge": "The review says now that the two are to be merged first.",
        "keep": "The two customers stay as they are; what waited has ended.",
    }
    if is_merge(review):
        said["merge"] = "Finance is asked to merge the two in NetSuite; the account follows."
    left = review["waiting"]
    still = f" {counted(left, 'change')} still waiting." if left else ""
    return hanging("", f"{said[action]}{still}", width)


def _row(review: Review, opened: Opened, row: int, room: int) -> str:
    left, right = _side(review, opened, row, 0), _side(review, opened, row, 1)
    return f"{ROWS[row][0]:<{LABEL}}{_cut(left, room):<{room}} {_cut(right, room)}".rstrip()


def _side(review: Review, opened: Opened, row: int, side: int) -> str:
    _, account, customer = ROWS[row]
    if side == 0 and is_merge(review):
        return _texts(review["account_fields"], customer, opened)
    if side == 0:
        return _texts(review["account_fields"], account, opened)
    if _is_account(review):
        return _texts(review["candidate_fields"], account, opened)
    return _texts(review["candidate_fields"], customer, opened)


def _texts(fields: JsonFields, names: Sequence[str], opened: Opened) -> str:
    found = (fields[name] for name in names if fields.get(name) not in (None, ""))
    return " ".join(text_of(value_of(item), opened) for item in found)


def _evidence(review: Review, width: int) -> Iterator[str]:
    for item in review["evidence"]:
        mark = MARKS.get(item["finding"], "·")
        yield from hanging(f" {mark} ", item["sentence"], width)


def _state(review: Review) -> str:
    if not review["action"]:
        return ""
    reason = f": {review['reason']}" if review["reason"] else ""
    return f"{review['actor']} said {review['action']}{reason}"


def _choices(review: Review) -> Iterator[str]:
    for action, meaning in ACTIONS_ON_MERGE if is_merge(review) else ACTIONS:
        command = f"tallystick reviews {action} {review['id'][:ID_SHOWN]}"
        yield f"  {command:<42} {meaning}"


def _is_account(review: Review) -> bool:
    return review["candidate"].startswith("salesforce:")


def _cut(text: str, room: int) -> str:
    return text if len(text) < room else text[: room - 2] + "…"
