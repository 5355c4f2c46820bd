"""What the services of the account work with: one for the whole site."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.journal import Journal
from sandbox.netsuite.account import Account, Work, begin
from sandbox.netsuite.changes import Metadata
from sandbox.netsuite.principals import User
from sandbox.netsuite.signin.certificates import Certificates
from sandbox.netsuite.slots import Slots
from sandbox.netsuite.suiteql.register import SearchFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    frame: Frame
    journal: Journal
    metadata: Metadata
    slots: Slots
    failure: SearchFailure
    users: Mapping[int, User]
    certificates: Certificates

    @property
    def account(self) -> Account:
        """As its metadata is at this moment."""
        return self.metadata.account

    @property
    def faults(self) -> Faults:
        return self.frame.faults

    def begin(self, user: User) -> Work:
        return begin(self.account, user)
