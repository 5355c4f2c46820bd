"""The look that both vendors' pages for people share: safe HTML, tables, forms, and their guard.

No JavaScript and no login: the pages answer only on the loopback names of this machine, and a form
counts only when it carries the token of a page that this process has made.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

STYLE = (Path(__file__).parent / "pages.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
TOKEN = "page_token"
VOID = frozenset({"input", "br", "hr", "meta", "link"})
DAY = re.compile(r"\d{4}-\d\d-\d\d")
PRACTICE = (
    "A stand-in for practice and tests, not the vendor's system. Nothing leaves this machine."
)
CURRENCY_DECIMALS: Mapping[str, int] = {"JPY": 0, "KRW": 0, "KWD": 3}
"""Minor units where they are not two."""


@dataclass(frozen=True, slots=True)
class Html:
    """Text that is markup already; all other text is escaped."""

    text: str


Content: TypeAlias = "Html | str | int | Decimal | Iterable[Content] | None"
Attribute = str | int | bool | None


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """`class_` is class, `aria_label` is aria-label; True is a bare attribute, None is left out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{markup(content)}</{name}>")


def markup(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content.text
    if isinstance(content, str | int | Decimal):
        return escape(str(content), quote=False)
    return "".join(markup(part) for part in content)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Whose pages these are. `links` are the entries of the navigation: label and address."""

    system: str
    name: str
    links: Sequence[tuple[str, str]]
    footer: str = PRACTICE


def page(
    site: Site,
    title: str,
    *content: Content,
    current: str = "",
    said: Content = None,
    problem: Content = None,
    lead: Content = None,
    footer: Content = None,
) -> str:
    """A whole document. `current` is the address of the navigation entry that one is under;
    `said` tells what was done, `problem` what was refused."""
    entries = [
        tag("li", tag("a", label, href=href, aria_current="page" if href == current else None))
        for label, href in site.links
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · {site.name}"),
        Html(f"<style>{STYLE}</style>"),
    ]
    body = [
        tag("a", "Skip to the content", class_="skip", href="#content"),
        tag("header", tag("p", site.name), tag("nav", tag("ul", entries), aria_label="Main")),
        tag(
            "main",
            tag("h1", title),
            tag("p", lead, class_="lead") if lead else None,
            tag("p", said, class_="said", role="status") if said else None,
            tag("p", problem, class_="said problem", role="alert") if problem else None,
            content,
            id="content",
        ),
        footer or (tag("footer", site.footer) if site.footer else None),
    ]
    document = tag("html", tag("head", head), tag("body", body, class_=site.system), lang="en")
    return f"<!DOCTYPE html>{document.text}"


def answer(text: str, *, status: int = 200) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS
    )


def see(address: str) -> web.Response:
    """After a form: look there, so that a reload does not send it again."""
    return web.Response(status=303, headers={**HEADERS, "Location": address})


def link(text: Content, address: str) -> Html:
    return tag("a", text, href=address)


def section(title: str, *content: Content, level: int = 2) -> Html:
    return tag("section", tag(f"h{level}", title), content)


def facts(pairs: Iterable[tuple[str, Content]], *, empty: str = "–") -> Html:
    """Names and values of one record; an empty value is shown as `empty`."""
    return tag(
        "dl",
        [
            tag("div", tag("dt", name), tag("dd", empty if value in (None, "") else value))
            for name, value in pairs
        ],
    )


def state(text: str) -> Html:
    """A status as a word in a frame: never by colour alone."""
    return tag("span", text, class_="state")


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    number: bool = False


def table(
    caption: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Content]],
    *,
    total: Sequence[Content] = (),
    empty: str = "There are none.",
) -> Html:
    """The first cell of a row names the row. Wide tables scroll by themselves, by keyboard too."""
    heads = [Column(column) if isinstance(column, str) else column for column in columns]
    body = [_row(heads, row) for row in rows]
    if not body:
        return tag("p", f"{caption}: {empty}", class_="lead")
    parts = [
        tag("caption", caption),
        tag("thead", tag("tr", [_cell("th", head, head.label, "col") for head in heads])),
        tag("tbody", body),
        tag("tfoot", _row(heads, total)) if total else None,
    ]
    return tag(
        "div", tag("table", parts), class_="wide", tabindex=0, role="region", aria_label=caption
    )


def _row(heads: Sequence[Column], row: Sequence[Content]) -> Html:
    cells = list(zip(heads, row, strict=True))
    first = [_cell("th", head, value, "row") for head, value in cells[:1]]
    return tag("tr", first, [_cell("td", head, value) for head, value in cells[1:]])


def _cell(name: str, head: Column, value: Content, scope: str | None = None) -> Html:
    whole = isinstance(value, str) and DAY.fullmatch(value) is not None
    kind = "number" if head.number else "day" if whole else None
    return tag(name, value, scope=scope, class_=kind)


def pager(address: str, page_number: int, *, more: bool) -> Html | None:
    """Links to the neighbours of page N, N from 1; `address` ends with `page=`."""
    if page_number == 1 and not more:
        return None
    earlier = link("Previous page", f"{address}{page_number - 1}") if page_number > 1 else None
    later = link("Next page", f"{address}{page_number + 1}") if more else None
    return tag("nav", earlier, later, class_="pages", aria_label="Pages of the list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field of a form. `kind` is an input's type, or textarea, checkbox, choice."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    hint: str = ""
    error: str = ""
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    """Of a choice: value and what people read."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def control(entry: Entry, scope: str = "") -> Html:
    """The label, the field, its hint and what is wrong with it, tied together by ids."""
    identifier = f"{scope}{entry.name}"
    notes = [f"{identifier}-hint"] if entry.hint else []
    notes += [f"{identifier}-error"] if entry.error else []
    attributes: dict[str, Attribute] = {
        "id": identifier,
        "name": entry.name,
        "required": entry.required,
        "aria_describedby": " ".join(notes) or None,
        "aria_invalid": "true" if entry.error else None,
        **entry.attributes,
    }
    label = tag("label", entry.label, " (required)" if entry.required else "", for_=identifier)
    below = [
        tag("span", entry.hint, class_="hint", id=f"{identifier}-hint") if entry.hint else None,
        tag("span", entry.error, class_="error", id=f"{identifier}-error") if entry.error else None,
    ]
    found = _input(entry, attributes)
    if entry.kind == "checkbox":
        return tag("div", found, label, below, class_="check")
    return tag("div", label, found, below, class_="whole" if entry.kind == "textarea" else None)


def _input(entry: Entry, attributes: Mapping[str, Attribute]) -> Html:
    if entry.kind == "textarea":
        return tag("textarea", entry.value, rows=4, **attributes)
    if entry.kind == "choice":
        known = [value for value, _ in entry.options]
        extra = [] if entry.value in known else [(entry.value, entry.value)]
        options = [
            tag("option", shown, value=value, selected=value == entry.value)
            for value, shown in (*entry.options, *extra)
        ]
        return tag("select", options, **attributes)
    if entry.kind == "checkbox":
        return tag(
            "input", type="checkbox", value="true", checked=entry.value == "true", **attributes
        )
    return tag("input", type=entry.kind, value=entry.value, **attributes)


def folded(title: str, entries: Sequence[Entry]) -> Html:
    """Fields that are seldom needed: closed, unless something in there is wrong."""
    inner = tag("div", [control(entry) for entry in entries], class_="fields")
    wrong = any(entry.error for entry in entries)
    return tag("details", tag("summary", title), inner, class_="whole", open=wrong)


def search_form(address: str, entry: Entry) -> Html:
    """A form that only asks: by GET, without a token."""
    button = tag("button", "Search", class_="second")
    return tag(
        "form", control(entry), button, action=address, method="get", class_="search", role="search"
    )


class Guard:
    """Lets only this machine's people in, and only forms of this process' own pages."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(24)

    def form(
        self,
        address: str,
        entries: Iterable[Entry],
        *,
        submit: str,
        name: str = "",
        scope: str = "",
        hidden: Mapping[str, str] | None = None,
        more: Content = None,
    ) -> Html:
        """`scope` keeps ids apart when a page has several forms; `more` stands above the button.
        The browser checks nothing, so that the system's own complaints are seen."""
        return tag(
            "form",
            self._hidden(hidden),
            [control(entry, scope) for entry in entries],
            more,
            tag("div", tag("button", submit), class_="whole"),
            action=address,
            method="post",
            class_="fields",
            novalidate=True,
            aria_label=name or submit,
        )

    def button(self, address: str, label: str, values: Mapping[str, str] | None = None) -> Html:
        """One action that needs no further words."""
        return tag(
            "form", self._hidden(values), tag("button", label), action=address, method="post"
        )

    def objection(self, request: web.Request, form: Mapping[str, str] | None = None) -> str:
        """Why this request may not be served, as a sentence; empty when it may.

        `form` is what a POST brought."""
        if _host_name(request) not in LOOPBACK_NAMES:
            return "These pages are for this machine only: use the address 127.0.0.1 or localhost."
        if form is None:
            return ""
        if not _same_origin(request):
            return "This form came from another site's page. Open it here and send it again."
        if not secrets.compare_digest(form.get(TOKEN, "").encode(), self._token.encode()):
            return "This form is from before the stand-in was started. Go back, reload, send again."
        return ""

    def _hidden(self, values: Mapping[str, str] | None = None) -> list[Html]:
        pairs = {TOKEN: self._token, **(values or {})}
        return [tag("input", type="hidden", name=key, value=pairs[key]) for key in pairs]


def _host_name(request: web.Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _same_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.headers.get('Host', '')}":
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def money(amount: Decimal | None, currency: str) -> str:
    """`10,000.00 EUR`, `8,272 JPY`; empty for nothing."""
    if amount is None:
        return ""
    return f"{amount:,.{CURRENCY_DECIMALS.get(currency, 2)}f} {currency}".strip()


def moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"
