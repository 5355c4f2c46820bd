"""What people do on the account's own pages and no service offers, on the admin's address."""

import json

from aiohttp import web

from sandbox.database import transaction
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import ENTITY
from sandbox.netsuite.principals import USERS
from sandbox.netsuite.records.merging import merge_customers
from sandbox.netsuite.store import Entry

PATH = "/merge"
PERSON = "administrator"
DUPLICATES_MAX = 10


class Switches:
    """`POST /merge`: duplicates of a customer become one with it, as an administrator does it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.merge)]

    async def merge(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        wish = body if isinstance(body, dict) else {}
        duplicates = wish.get("duplicates")
        if not isinstance(duplicates, list) or not 0 < len(duplicates) <= DUPLICATES_MAX:
            raise ValueError(f"duplicates: use a list of 1 to {DUPLICATES_MAX} ids of customers")
        user = USERS[PERSON]
        work = self._desk.begin(user)
        moved: list[int] = []
        try:
            with transaction(self._desk.account.connection):
                for one in duplicates:
                    master = self._customer(wish.get("master"), "master")
                    moved += merge_customers(work, master, self._customer(one, "duplicates"))
                self._desk.journal.write(
                    actor=user.actor,
                    method="MERGE",
                    path=PATH,
                    status=200,
                    mutations=work.mutations,
                )
        except NetSuiteError as error:
            raise ValueError(error.detail) from error
        return web.json_response({"transactions": [str(one) for one in moved]})

    def _customer(self, key: object, name: str) -> Entry:
        if isinstance(key, str) and key.isdigit() and len(key) < 18:
            entry = self._desk.account.store.load(ENTITY, int(key))
            if entry is not None and entry.kind.name == "customer":
                return entry
        raise ValueError(f"{name}: {key!r} is no customer; use an internal id such as '601'")
