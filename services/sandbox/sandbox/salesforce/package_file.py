"""One metadata file of a source-format project, read with its name at hand for complaints."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


class PackageError(ValueError):
    """A metadata file that this sandbox cannot load; the message names file, part and remedy."""


@dataclass(frozen=True, slots=True)
class Part:
    """The file's root, or an element in it."""

    path: Path
    element: ElementTree.Element

    def text(self, name: str, default: str = "") -> str:
        found = self.element.find(f"{NAMESPACE}{name}")
        return default if found is None or found.text is None else found.text.strip()

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise PackageError(f"{self.path}: <{name}> is missing; add it")
        return text

    def flag(self, name: str) -> bool:
        return self.text(name) == "true"

    def number(self, name: str, default: int = 0) -> int:
        return int(self.text(name, str(default)))

    def parts(self, name: str) -> Iterator["Part"]:
        for element in self.element.findall(f"{NAMESPACE}{name}"):
            yield Part(self.path, element)


def read_part(path: Path) -> Part:
    try:
        return Part(path, ElementTree.parse(path).getroot())
    except ElementTree.ParseError as error:
        raise PackageError(f"{path}: {error}; write well-formed XML") from None
