"""The users of the org as sign-in needs them."""

import sqlite3
from dataclasses import dataclass

from sandbox.salesforce.ids import normal
from sandbox.salesforce.org import Org


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    username: str
    name: str
    first_name: str
    last_name: str
    email: str
    alias: str
    nickname: str
    active: bool
    time_zone: str
    language: str
    locale: str
    modified_s: int


def user_by_name(org: Org, username: str) -> User | None:
    return _user(
        org.connection.execute('SELECT * FROM "User" WHERE "Username" = ?', (username,)).fetchone()
    )


def user_by_id(org: Org, identifier: str) -> User | None:
    return _user(
        org.connection.execute(
            'SELECT * FROM "User" WHERE "Id" = ?', (normal(identifier),)
        ).fetchone()
    )


def _user(row: sqlite3.Row | None) -> User | None:
    if row is None:
        return None
    return User(
        id=row["Id"],
        username=row["Username"],
        name=row["Name"],
        first_name=row["FirstName"] or "",
        last_name=row["LastName"],
        email=row["Email"],
        alias=row["Alias"],
        nickname=row["CommunityNickname"] or row["Alias"],
        active=bool(row["IsActive"]),
        time_zone=row["TimeZoneSidKey"],
        language=row["LanguageLocaleKey"],
        locale=row["LocaleSidKey"],
        modified_s=int(row["LastModifiedDate"] or 0),
    )
