"""simple-salesforce without what only its Metadata API needs, until somebody uses that."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType, ModuleType

PUT_OFF = MappingProxyType(
    {
        "zeep": ("Client", "Settings"),
        "zeep.proxy": ("ServiceProxy",),
        "zeep.xsd": ("AnySimpleType", "ComplexType", "CompoundValue"),
    }
)
"""What simple_salesforce.metadata names of zeep, a SOAP client on lxml: 5 MB that a process which
reads and writes records never uses."""


@dataclass(frozen=True, slots=True)
class Later:
    """Stands for a class, and makes its instances, until which nothing is loaded."""

    module: str
    name: str

    def __call__(self, *arguments: object, **named: object) -> object:
        return getattr(import_module(self.module), self.name)(*arguments, **named)


@contextmanager
def _zeep_put_off() -> Iterator[None]:
    """Where somebody has loaded it already, nothing is put off."""
    if "zeep" in sys.modules:
        yield
        return
    for module, names in PUT_OFF.items():
        stand_in = ModuleType(module)
        stand_in.__dict__.update({name: Later(module, name) for name in names})
        sys.modules[module] = stand_in
    try:
        yield
    finally:
        for module in PUT_OFF:
            del sys.modules[module]


with _zeep_put_off():
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceError

__all__ = ["Salesforce", "SalesforceError"]
