"""Outbound messages on the admin's address: what is set up, and what waits."""

import json
from datetime import UTC, datetime

from aiohttp import web

from sandbox.database import transaction
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.outbound.outbox import Message
from sandbox.salesforce.outbound.rules import read_rule

PATH = "/outbound"
RULES_MAX = 100


class Switches:
    """`GET /outbound` shows rules and queue; `PUT /outbound` replaces the rules."""

    def __init__(self, desk: Desk, user: str) -> None:
        self._desk = desk
        self._user = user

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.show), web.put(PATH, self.replace)]

    async def show(self, request: web.Request) -> web.Response:
        outbox = self._desk.outbound
        rules = [
            {
                "id": action,
                "name": rule.name,
                "object": rule.object,
                "fields": list(rule.fields),
                "endpoint": rule.endpoint,
                "when": rule.when,
                "criteria": dict(rule.criteria),
                "session": rule.session,
            }
            for action, rule in outbox.rules.items()
        ]
        queue = [self._shown(message) for message in outbox.listed()]
        return web.json_response({"rules": rules, "queue": queue})

    async def replace(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        wishes = body.get("rules") if isinstance(body, dict) else None
        if not isinstance(wishes, list) or len(wishes) > RULES_MAX:
            raise ValueError(f"rules: use a list of at most {RULES_MAX} objects")
        org = self._desk.org
        version = org.profile.salesforce_api_version
        rules = [read_rule(wish, org.schema, user=self._user, version=version) for wish in wishes]
        if len({rule.name for rule in rules}) < len(rules):
            raise ValueError("name: two rules have the same; use another for each")
        with transaction(org.connection):
            self._desk.outbound.replace(rules)
        return await self.show(request)

    def _shown(self, message: Message) -> dict[str, object]:
        rule = self._desk.outbound.rules.get(message.rule)
        return {
            "id": message.id,
            "rule": rule.name if rule else message.rule,
            "record": message.record,
            "state": "failed" if message.failed else "waiting",
            "made": _time(message.made_s),
            "next": None if message.failed else _time(message.due_s),
            "attempts": message.attempts,
            "error": message.error,
        }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
