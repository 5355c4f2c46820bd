"""What stands behind a code: the sentence, who acts, the class of error, whether it heals."""

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


class Kind(StrEnum):
    """What has to change before the record can go on."""

    END = "end"
    """Nothing: it ended as it should."""
    TRANSIENT = "transient"
    """Time: the other side was busy or away."""
    DEPENDENCY = "dependency"
    """Another record has to come first."""
    DATA = "data"
    """The record's own values."""
    MAP = "map or configuration"
    PERMISSION = "permission"
    POLICY = "period or policy"
    """A rule of the company, or somebody's approval."""
    DUPLICATE = "duplicate suspect"
    """A person says whether two records are one."""
    UNKNOWN = "unknown outcome"
    """Nobody knows yet whether a call worked."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    owner: Owner = Owner.NOBODY
    kind: Kind = Kind.END
    heals: bool = True
    """Whether it goes on by itself once the cause is gone; else somebody says so (Sync Now)."""
