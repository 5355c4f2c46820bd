"""A person's browser in the small: reads pages, fills in forms, follows where they lead."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx

TOKEN = "page_token"
VOID = frozenset({"input", "br", "hr", "meta", "link"})


@dataclass
class Form:
    action: str
    method: str
    label: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each choice: value by what is shown."""
    buttons: list[str] = field(default_factory=list)


class Document(HTMLParser):
    """What a reader of the page finds in it. Fails on markup that does not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.problems: list[str] = []
        self.text = ""
        self.title = ""
        self.labelled: set[str] = set()
        self.controls: set[str] = set()
        self.landmarks: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self._choice = ""
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {key: value or "" for key, value in attrs}
        assert tag != "script", "the pages work without a script"
        assert not any(key.startswith("on") for key in held)
        if tag not in VOID:
            self._open.append((tag, held))
            self._texts.append("")
        if tag in ("header", "nav", "main", "footer"):
            self.landmarks.append(tag)
        if tag == "form":
            self.forms.append(
                Form(held.get("action", ""), held["method"], held.get("aria-label", ""))
            )
        if tag == "label":
            self.labelled.add(held["for"])
        if tag in ("input", "select", "textarea") and held.get("type") != "hidden":
            self.controls.add(held["id"])
        if tag == "input" and (held.get("type") != "checkbox" or "checked" in held):
            self.forms[-1].values[held["name"]] = held.get("value", "")
        if tag == "select":
            self._choice = held["name"]
            self.forms[-1].choices[self._choice] = {}
            self.forms[-1].values[self._choice] = ""
        if tag == "option" and "selected" in held:
            self.forms[-1].values[self._choice] = held["value"]

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] != "style":
            self.text += data + " "
            self._texts = [text + data for text in self._texts]

    def handle_endtag(self, tag: str) -> None:
        name, held = self._open.pop()
        text = " ".join(self._texts.pop().split())
        assert name == tag, f"{name} closed by {tag}"
        if tag == "a":
            self.links.setdefault(text, held["href"])
        if tag == "h1":
            self.title = text
        if tag == "option":
            self.forms[-1].choices[self._choice][text] = held["value"]
        if tag == "textarea":
            self.forms[-1].values[held["name"]] = text
        if tag == "button":
            self.forms[-1].buttons.append(text)
        if held.get("role") == "alert":
            self.problems.append(text)


class Browser:
    """One person at one system's pages."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base, timeout=30.0, trust_env=False)
        self.page = Document("<html></html>")
        self.address = ""
        self.status = 0

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def open(self, address: str) -> Document:
        return self._show(self._client.get(address))

    def follow(self, link: str) -> Document:
        return self.open(urljoin(self.address, self.page.links[link]))

    def send(self, button: str, **values: str) -> Document:
        """Fills in the form with this button; choices go by what they show."""
        form = next(form for form in self.page.forms if button in form.buttons)
        filled = dict(form.values)
        for name, value in values.items():
            assert name in filled or value in ("true", ""), f"{name} is not in {sorted(filled)}"
            filled[name] = form.choices.get(name, {}).get(value, value)
        if form.method == "get":
            return self._show(self._client.get(form.action, params=filled))
        headers = {"Origin": str(self._client.base_url).rstrip("/")}
        return self._show(self._client.post(form.action, data=filled, headers=headers))

    def act_as(self, person: str) -> Document:
        return self.send("Change", person=person)

    def _show(self, answer: httpx.Response) -> Document:
        if answer.status_code == 303:
            return self.open(answer.headers["location"])
        self.page, self.status = Document(answer.text), answer.status_code
        self.address = urlsplit(str(answer.url)).path
        assert self.page.controls == self.page.labelled, "each field has its label"
        return self.page
