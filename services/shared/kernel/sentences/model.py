"""What stands behind a code: the sentence, who acts, the class of error, whether it heals."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """Who acts next."""

    NOBODY = "nobody"
    SRE = "SRE"
    ADMIN = "administrator"
    SALES = "sales"
    REVOPS = "RevOps"
    CATALOGUE = "catalogue owner"
    FINANCE = "finance"


ROLES: Mapping[Owner, str] = {
    Owner.NOBODY: "nothing is to be done",
    Owner.SRE: "runs Tallystick",
    Owner.ADMIN: "administers Salesforce, NetSuite and the map",
    Owner.SALES: "owns the account or the deal",
    Owner.REVOPS: "keeps the data of both systems in order",
    Owner.CATALOGUE: "keeps products and items in order",
    Owner.FINANCE: "keeps the books in NetSuite",
}
"""Who stands behind each owner."""


class Kind(StrEnum):
    """What has to change before the record can go on; KINDS says it in words."""

    END = "end"
    TRANSIENT = "transient"
    DEPENDENCY = "dependency"
    DATA = "data"
    MAP = "map or configuration"
    PERMISSION = "permission"
    POLICY = "period or policy"
    DUPLICATE = "duplicate suspect"
    UNKNOWN = "unknown outcome"


KINDS: Mapping[Kind, str] = {
    Kind.END: "nothing: it ended as it should",
    Kind.TRANSIENT: "time: the other side was busy or away",
    Kind.DEPENDENCY: "another record has to come first",
    Kind.DATA: "the record's own values",
    Kind.MAP: "the map or a setting",
    Kind.PERMISSION: "what the integration user may do",
    Kind.POLICY: "a rule of the company, or somebody's approval",
    Kind.DUPLICATE: "a person says whether two records are one",
    Kind.UNKNOWN: "nobody knows yet whether a call worked",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    owner: Owner = Owner.NOBODY
    kind: Kind = Kind.END
    heals: bool = True
    """Whether it goes on by itself once the cause is gone; else somebody says so (Sync Now)."""

    @property
    def what(self) -> str:
        """What happened and why, without the remedy."""
        return self.text[: self._remedy_at].rstrip()

    @property
    def remedy(self) -> str:
        """Who does what; empty where nobody has to."""
        return self.text[self._remedy_at :]

    @property
    def _remedy_at(self) -> int:
        """Where the sentence turns to its owner: `Catalogue owner: set …`."""
        role = self.owner[:1].upper() + self.owner[1:]
        found = self.text.find(f"{role}: ")
        return len(self.text) if self.owner is Owner.NOBODY or found < 0 else found
