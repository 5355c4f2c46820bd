"""The table `loginaudit`: what administrators read about sign-ins, here by SuiteQL."""

import sqlite3
from collections.abc import Mapping

from aiohttp import web

from sandbox.clock import Clock
from sandbox.netsuite.principals import User
from sandbox.netsuite.tables import Column, Type
from sandbox.netsuite.timing import local

TABLE = "loginaudit"
_DATES = frozenset({"date"})
_NUMBERS = frozenset({"id", "user", "role"})
COLUMNS: Mapping[str, Column] = {
    name: Column(
        name=name,
        type=Type.DATE if name in _DATES else Type.NUMBER if name in _NUMBERS else Type.TEXT,
        storage="INTEGER" if name in _NUMBERS else "TEXT",
        joins="employee" if name == "user" else "",
        never_null=name in ("id", "date"),
    )
    for name in (
        "id date user role emailaddress ipaddress requesturi status detail oauthappname"
        " oauthaccesstokenname secchallenge useragent".split()
    )
}
INSERT = (
    'INSERT INTO loginaudit (date, "user", role, emailaddress, ipaddress, requesturi, status,'
    " detail, oauthappname, oauthaccesstokenname, secchallenge, useragent)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)
FAILURE, SUCCESS = "Failure", "Success"
TEXT_MAX = 300


class Trail:
    """Every failure, and the successes that last: access tokens given out."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def note(
        self,
        request: web.Request,
        status: str,
        detail: str,
        user: User | None = None,
        application: str = "",
        token: str = "",
    ) -> None:
        """`token` is a name or an id of the token, never its secret."""
        agent = request.headers.get("User-Agent", "")[:TEXT_MAX]
        self._connection.execute(
            INSERT,
            (
                local(self._clock.now()),
                user.id if user else None,
                user.role_id if user else None,
                user.email if user else None,
                request.remote,
                request.path[:TEXT_MAX],
                status,
                detail[:TEXT_MAX],
                application or None,
                token[:TEXT_MAX] or None,
                "F",
                agent or None,
            ),
        )
