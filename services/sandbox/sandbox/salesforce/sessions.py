"""Sessions: opaque tokens that end after a time without use, by the machine's clock."""

import secrets
import string

from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.values import seconds_of

LETTERS = string.ascii_letters + string.digits + "._"
TOKEN_LETTERS = 92
TOUCH_S = 30.0
VISITOR = """
SELECT s.user, s.used, s.life_s, u."Username" FROM session s
LEFT JOIN "User" u ON u."Id" = s.user WHERE s.token = ? AND s.revoked = 0
"""


class Sessions:
    """Used from inside the transaction of the request that presents the token."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def open(self, user: str) -> str:
        """A new token: the organisation's id, an exclamation mark, random letters."""
        letters = "".join(secrets.choice(LETTERS) for _ in range(TOKEN_LETTERS))
        token = f"{ORG_ID[:15]}!AQ{letters}"
        self._org.connection.execute(
            "INSERT INTO session (token, user, used, life_s) VALUES (?, ?, ?, ?)",
            (token, user, self._now(), float(self._org.profile.session_s)),
        )
        return token

    def user_of(self, token: str) -> str | None:
        """The user of a live session, whose life begins anew with each use."""
        found = self.visitor_of(token)
        return None if found is None else found[0]

    def visitor_of(self, token: str) -> tuple[str, str] | None:
        """The same, with the name that the user goes by."""
        row = self._org.connection.execute(VISITOR, (token,)).fetchone()
        now = self._now()
        if row is None or now - row["used"] > row["life_s"]:
            return None
        if now - row["used"] > TOUCH_S:
            self._org.connection.execute(
                "UPDATE session SET used = ? WHERE token = ?", (now, token)
            )
        return str(row["user"]), str(row["Username"] or "")

    def revoke(self, token: str) -> bool:
        done = self._org.connection.execute(
            "UPDATE session SET revoked = 1 WHERE token = ? AND revoked = 0", (token,)
        )
        return done.rowcount > 0

    def rotate(self, spent: str, user: str) -> str:
        """A refresh token in place of the one that was used."""
        self._kill(spent)
        token = f"5Aep861{''.join(secrets.choice(LETTERS) for _ in range(TOKEN_LETTERS))}"
        self._org.connection.execute(
            "INSERT INTO refresh_token (token, user) VALUES (?, ?)", (token, user)
        )
        return token

    def revoke_refresh(self, token: str) -> bool:
        owner = self._org.value(
            "SELECT user FROM refresh_token WHERE token = ? AND live = 1", token
        )
        if owner is None:
            return False
        self._kill(token)
        self._org.connection.execute(
            "UPDATE session SET revoked = 1 WHERE token IN"
            " (SELECT token FROM refreshed WHERE source = ?)",
            (token,),
        )
        return True

    def note_source(self, token: str, source: str) -> None:
        """The session that a refresh token opened ends with it."""
        self._org.connection.execute("INSERT INTO refreshed VALUES (?, ?)", (token, source))

    def _kill(self, token: str) -> None:
        self._org.connection.execute("UPDATE refresh_token SET live = 0 WHERE token = ?", (token,))

    def _now(self) -> float:
        return float(seconds_of(self._org.clock.machine_now()))
