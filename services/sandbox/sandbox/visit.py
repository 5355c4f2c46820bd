"""One call of a page for people: who looks, at what, and what their form says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlencode

from aiohttp import web

from sandbox.pages import Content, Entry, Guard, Html, Site, answer, page, see, tag

ROOT = "/ui"
PERSON = "person"
FIELDS_MAX = 500
LIST_ROWS = 25


class MissingPageError(Exception):
    """There is nothing at this address; the text says what was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What the system says against a form, in its own words."""

    message: str
    code: str = ""
    fields: tuple[str, ...] = ()


class RefusedError(Exception):
    """The system said no."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("; ".join(one.message for one in complaints))
        self.complaints = complaints


def said_by(complaints: Sequence[Complaint]) -> Content:
    return [
        tag("span", f"{one.message} [{one.code}]" if one.code else one.message)
        for one in complaints
    ] or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`parts` are the segments of the path behind /ui; `form` is None unless something was sent."""

    parts: Sequence[str]
    query: Mapping[str, str]
    form: Mapping[str, str] | None
    person: str

    @property
    def page_number(self) -> int:
        text = self.query.get("page", "1")
        return max(1, min(int(text), 4000)) if text.isdecimal() and len(text) < 6 else 1

    @property
    def search(self) -> str:
        return self.query.get("search", "").strip()[:80]

    @property
    def done(self) -> str:
        return self.query.get("done", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page's content, still without its frame."""

    title: str
    content: Content = None
    current: str = ""
    lead: Content = None
    said: str = ""
    problem: Content = None
    status: int = 200


Reply: TypeAlias = Shown | str
"""A page, or the address to look at next."""
Show = Callable[[Visit, web.Request], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """All pages of one system: lets people in, tells who they are, and puts the frame around.

    `people` are the names to act under with what is shown of them; the first one is the usual.
    """

    site: Site
    people: Mapping[str, str]
    show: Show
    guard: Guard = field(default_factory=Guard)

    async def handle(self, request: web.Request) -> web.Response:
        form = _form(await request.read()) if request.method == "POST" else None
        objection = self.guard.objection(request, form)
        if objection:
            return self._framed(Shown(title="Not served", problem=objection, status=403), "", "")
        if request.method not in ("GET", "HEAD", "POST"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD, POST"})
        visit = self._visit(request, form)
        here = request.rel_url.raw_path
        if visit.parts[:1] == ["as"]:
            return self._changed_person(visit)
        try:
            reply = self.show(visit, request)
        except MissingPageError as error:
            title = "There is no such page"
            reply = Shown(title=title, problem=str(error), status=404)
        except RefusedError as error:
            problem = said_by(error.complaints)
            reply = Shown(title="This cannot be shown", problem=problem, status=403)
        return see(reply) if isinstance(reply, str) else self._framed(reply, visit.person, here)

    def _visit(self, request: web.Request, form: Mapping[str, str] | None) -> Visit:
        chosen = request.cookies.get(PERSON, "")
        segments = request.rel_url.raw_path.split("/")[2:]
        return Visit(
            parts=[unquote(segment) for segment in segments if segment],
            query=dict(request.query),
            form=form,
            person=chosen if chosen in self.people else next(iter(self.people)),
        )

    def _changed_person(self, visit: Visit) -> web.Response:
        wish = (visit.form or {}).get(PERSON, "")
        back = (visit.form or {}).get("back", ROOT)
        response = see(back if back.startswith(f"{ROOT}/") else ROOT)
        if wish in self.people:
            response.set_cookie(PERSON, wish, path=ROOT, httponly=True, samesite="Strict")
        return response

    def _framed(self, shown: Shown, person: str, here: str) -> web.Response:
        text = page(
            self.site,
            shown.title,
            shown.content,
            current=shown.current,
            said=shown.said,
            problem=shown.problem,
            lead=shown.lead,
            footer=self._footer(person, here) if person else None,
        )
        return answer(text, status=shown.status)

    def _footer(self, person: str, here: str) -> Html:
        choice = Entry(
            name=PERSON,
            label="You act as",
            kind="choice",
            value=person,
            options=list(self.people.items()),
        )
        hidden = {"back": here}
        return tag(
            "footer",
            self.guard.form(
                address("as"), [choice], submit="Change", name="Who you are", hidden=hidden
            ),
            tag("p", self.site.footer),
        )


def address(*parts: str, **query: object) -> str:
    path = "/".join([ROOT, *(quote(part, safe="") for part in parts)])
    asked = {key: value for key, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(asked)}" if asked else path


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        return {}
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
