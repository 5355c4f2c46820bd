"""A person at a keyboard: Chromium without a window, steered through its DevTools protocol."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WITHIN_S = 20.0
TABS_MAX = 120
KEYS = {"Enter": ("\r", 13), "Tab": ("\t", 9), "Space": (" ", 32), "ArrowDown": ("", 40)}
FOCUSED = """(() => {
  const at = document.activeElement, label = at && at.labels && at.labels[0];
  return ((label || at || {}).textContent || "").replace(/\\s+/g, " ").trim();
})()"""


class Keyboard:
    """Looks at pages and works on them with keys alone, while their scripts are switched off."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.violations: list[str] = []
        """What the browser complained of: blocked content, faulty markup."""
        self._listener = asyncio.create_task(self._listen())

    async def begin(self) -> None:
        for domain in ("Page", "Runtime", "Log"):
            await self._ask(f"{domain}.enable")
        await self._ask("Emulation.setScriptExecutionDisabled", value=True)

    async def open(self, address: str) -> None:
        self._loaded.clear()
        await self._ask("Page.navigate", url=address)
        await self._shown()

    async def text(self) -> str:
        return await self._value("document.body.innerText")

    async def title(self) -> str:
        return await self._value("document.querySelector('h1').textContent")

    async def address(self) -> str:
        return await self._value("location.href")

    async def go(self, name: str) -> None:
        """Tabs to the link or button with this name and presses it."""
        await self._tab_to(name)
        self._loaded.clear()
        await self._press("Enter")
        await self._shown()

    async def fill(self, label: str, text: str) -> None:
        await self._tab_to(label)
        await self._ask("Input.insertText", text=text)

    async def choose(self, label: str, shown: str) -> None:
        """Types the beginning of a choice, as one does in a closed list."""
        await self._tab_to(label)
        for letter in shown:
            await self._ask("Input.dispatchKeyEvent", type="char", text=letter)
        picked = await self._value("document.activeElement.selectedOptions[0].textContent")
        assert picked.startswith(shown), f"{label}: {picked} instead of {shown}"

    async def _tab_to(self, name: str) -> None:
        """The label may say more than the name, such as that a field is required."""
        for _ in range(TABS_MAX):
            await self._press("Tab")
            focused = await self._value(FOCUSED)
            if focused == name or focused.startswith(f"{name} ("):
                return
        raise AssertionError(f"no key leads to {name!r} on {await self.address()}")

    async def _press(self, key: str) -> None:
        text, code = KEYS[key]
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        kind = "keyDown" if text else "rawKeyDown"
        await self._ask("Input.dispatchKeyEvent", type=kind, text=text, **common)
        await self._ask("Input.dispatchKeyEvent", type="keyUp", **common)

    async def _value(self, expression: str) -> str:
        found = await self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return str(found["result"].get("value", ""))

    async def _shown(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            await self._loaded.wait()

    async def _ask(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        future = asyncio.get_running_loop().create_future()
        self._answers[self._number] = future
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(WITHIN_S):
            answer: dict[str, Any] = await future
        assert "error" not in answer, f"{method}: {answer}"
        return dict(answer["result"])

    async def _listen(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            elif said["method"] == "Page.loadEventFired":
                self._loaded.set()
            elif said["method"] == "Log.entryAdded":
                self.violations.append(said["params"]["entry"]["text"])

    async def end(self) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)


@asynccontextmanager
async def keyboard(directory: Path) -> AsyncIterator[Keyboard]:
    program = next(filter(None, (shutil.which(name) for name in NAMES)), None)
    assert program, "there is no Chromium on this machine: install the package `chromium`"
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        "--remote-debugging-port=0",
        f"--user-data-dir={directory}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await asyncio.to_thread(_port, directory / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as ws:
                person = Keyboard(ws)
                await person.begin()
                yield person
                await person.end()
    finally:
        process.kill()
        await process.wait()


def _port(path: Path) -> str:
    """Chromium writes the port that it chose."""
    deadline = time.monotonic() + WITHIN_S
    while not path.exists() or len(path.read_text().splitlines()) < 2:
        assert time.monotonic() < deadline, "Chromium did not start"
        time.sleep(0.05)
    return path.read_text().splitlines()[0]
