"""What is left of the daily limits, on the admin's address."""

import json

from aiohttp import web

from sandbox.database import transaction
from sandbox.salesforce.org import Org
from sandbox.salesforce.usage import Usage

PATH = "/limits"


class UsageSwitch:
    """`GET /limits` shows them; `PUT /limits` with {"DailyApiRequests": 5} leaves five, null
    begins the day anew."""

    def __init__(self, org: Org, usage: Usage) -> None:
        self._org = org
        self._usage = usage

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.show), web.put(PATH, self.set)]

    async def show(self, request: web.Request) -> web.Response:
        usage = self._usage
        return web.json_response(
            {
                limit: {"Max": most, "Remaining": usage.left(limit)}
                for limit, most in usage.most.items()
            }
        )

    async def set(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        if not isinstance(body, dict) or not body:
            raise ValueError('limits: use an object such as {"DailyApiRequests": 5}')
        for limit, left in body.items():
            most = self._usage.most.get(limit)
            if most is None:
                known = ", ".join(self._usage.most)
                raise ValueError(f"{limit}: not a limit that is counted; use {known}")
            if left is None:
                continue
            if not isinstance(left, int) or isinstance(left, bool) or not 0 <= left <= most:
                raise ValueError(f"{limit}: use a whole number from 0 to {most}, or null")
        with transaction(self._org.connection):
            for limit, left in body.items():
                if left is None:
                    self._usage.renew(limit)
                else:
                    self._usage.leave(limit, left)
        return await self.show(request)
