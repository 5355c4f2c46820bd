"""The demo company's own books: customers, some of them twice, and a quarter of business."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import DATA
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import KINDS, TRANSACTION
from sandbox.netsuite.records.service import Write, create
from sandbox.netsuite.records.transforms import transform
from sandbox.netsuite.values import Document, load_document, text, whole

FILE = DATA / "demo.json"
FOUNDED_DAYS = 90
"""How old the customers are."""


def records_of(work: Work) -> Mapping[str, object]:
    """Record type to records, as a seed file has them, but fitting this kind of account."""
    held = _read("records")
    for bodies in held.values():
        for body in bodies if isinstance(bodies, list) else ():
            _fit(work, body)
    return held


def tell(work: Work) -> None:
    """Each step on its own day. Raises ValueError for a step that the account refuses."""
    story = load_document(FILE.read_text(encoding="utf-8"))["story"]
    for step in story if isinstance(story, list) else ():
        if isinstance(step, dict):
            _step(work, step)


def founded(work: Work) -> Work:
    return _on(work, -FOUNDED_DAYS)


def _read(part: str) -> Document:
    held = load_document(FILE.read_text(encoding="utf-8"))[part]
    return held if isinstance(held, dict) else {}


def _step(work: Work, step: Document) -> None:
    then = _on(work, whole(step, "day"))
    kind = KINDS[text(step, "make").lower()]
    body = step.get("body")
    sent: Document = {
        "tranDate": then.today.isoformat(),
        **(body if isinstance(body, dict) else {}),
    }
    _fit(work, sent)
    identifier = whole(step, "id")
    work.store.reserve(TRANSACTION, identifier)
    try:
        source = work.store.load(TRANSACTION, whole(step, "from"))
        if source is None:
            create(then, kind, sent, Write(), identifier=identifier)
        else:
            transform(then, source, kind, sent, Write(), identifier=identifier)
    except NetSuiteError as error:
        raise ValueError(f"demo {kind.name} {identifier}: {error.detail}") from error


def _on(work: Work, days: int) -> Work:
    return replace(work, now=work.now + timedelta(days=days))


def _fit(work: Work, body: object) -> None:
    """An account of one company or one currency does not know the others."""
    if not isinstance(body, dict):
        return
    if not work.account.profile.one_world:
        body.pop("subsidiary", None)
    if not work.account.profile.multi_currency:
        body.pop("currency", None)
        body.pop("currencyList", None)
