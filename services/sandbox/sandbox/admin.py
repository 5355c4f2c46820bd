"""The sandbox's own loopback page of switches: journals, clock, faults, seeds, health."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.database import transaction
from sandbox.faults import FaultRuleError, Faults
from sandbox.frame import Frame, Switched, Vendor
from sandbox.journal import READ_MAX
from sandbox.ports import LOOPBACK
from sandbox.salesforce.seeds_size import SIZE


class Admin:
    """Not a vendor's address: it is ours, so its errors are plain sentences."""

    def __init__(self, frame: Frame, vendors: Mapping[str, Vendor]) -> None:
        self._frame = frame
        self._vendors = vendors
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        app = web.Application(middlewares=[_plain_errors])
        app.add_routes(
            [
                web.get("/health", self.health),
                web.get("/journal/{system}", self.journal),
                web.get("/clock", self.clock),
                web.put("/clock", self.set_clock),
                web.get("/faults", self.faults),
                web.put("/faults", self.set_faults),
                web.post("/seed", self.seed),
            ]
        )
        for vendor in self._vendors.values():
            if isinstance(vendor, Switched):
                app.add_routes(vendor.switches())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.SockSite(self._runner, self._frame.ports.listen("admin")).start()
        return f"http://{LOOPBACK}:{self._frame.ports.port('admin')}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "systems": sorted(self._vendors)})

    async def journal(self, request: web.Request) -> web.StreamResponse:
        """NDJSON: all entries after N in the order of seq, or at most `limit` of them."""
        vendor = self._vendors.get(request.match_info["system"])
        if vendor is None:
            known = ", ".join(sorted(self._vendors))
            raise ValueError(f"system: {request.match_info['system']!r}; use one of {known}")
        after = _whole(request, "after", 0)
        left = _whole(request, "limit", 0) or None
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        while left is None or left > 0:
            page = list(vendor.journal.read(after, min(left or READ_MAX, READ_MAX)))
            if not page:
                break
            lines = [json.dumps(entry, ensure_ascii=False) for entry in page]
            await answer.write(("\n".join(lines) + "\n").encode())
            after = int(str(page[-1]["seq"]))
            left = None if left is None else left - len(page)
        await answer.write_eof()
        return answer

    async def clock(self, request: web.Request) -> web.Response:
        clock = self._frame.clock
        now = clock.now().isoformat().replace("+00:00", "Z")
        return web.json_response({"now": now, "offset_s": clock.offset_s})

    async def set_clock(self, request: web.Request) -> web.Response:
        wish = await _object(request)
        if set(wish) == {"now"}:
            self._frame.clock.set(_time(wish["now"]))
        elif set(wish) == {"advance_s"} and isinstance(wish["advance_s"], int | float):
            self._frame.clock.advance(wish["advance_s"])
        else:
            raise ValueError(
                'clock: send {"now": "2026-11-20T09:00:00Z"}, {"now": null} or {"advance_s": 60}'
            )
        return await self.clock(request)

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._frame.faults.describe())

    async def set_faults(self, request: web.Request) -> web.Response:
        wish = await _object(request)
        _replace_faults(self._frame.faults, wish)
        return await self.faults(request)

    async def seed(self, request: web.Request) -> web.Response:
        wish = await _object(request)
        name = wish.get("name")
        if not isinstance(name, str):
            raise ValueError(f"name: {name!r}; use demo, empty or the path of a seed file")
        for vendor in self._vendors.values():
            seed_vendor(vendor, name)
        return web.json_response({"seeded": name})


def seed_vendor(vendor: Vendor, name: str) -> None:
    with transaction(vendor.connection):
        is_other = name.startswith(SIZE) and vendor.system != "salesforce"
        vendor.seed("empty" if is_other else name)
        vendor.journal.write(actor="sandbox", method="SEED", path=f"/seed/{name}", status=200)
    vendor.committed()


def _replace_faults(faults: Faults, wish: Mapping[str, object]) -> None:
    rules = wish.get("rules", [])
    seed = wish.get("seed", 0)
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("rules: use a list of objects")
    if not isinstance(seed, int):
        raise ValueError(f"seed: {seed!r}; use a whole number")
    faults.replace(seed, rules)


@web.middleware
async def _plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (FaultRuleError, ValueError) as error:
        return web.json_response({"error": str(error)}, status=400)


async def _object(request: web.Request) -> dict[str, object]:
    body = json.loads(await request.read() or b"{}")
    if not isinstance(body, dict):
        raise ValueError("body: use a JSON object")
    return body


def _whole(request: web.Request, key: str, default: int) -> int:
    text = request.query.get(key, str(default))
    if not text.isdigit():
        raise ValueError(f"{key}: {text!r}; use a whole number of 0 or more")
    return int(text)


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"now: {value!r}; use an ISO time such as 2026-11-20T09:00:00Z, or null")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
