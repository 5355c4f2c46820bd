"""Whom TLS trusts: the machine's authorities and those of one file; never everybody."""

import ssl
from pathlib import Path


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def roots(ca_file: Path | None) -> bytes | None:
    """The same as PEM, for clients that take their authorities as text; None for their own."""
    if not ca_file:
        return None
    machine = ssl.get_default_verify_paths().cafile
    own = Path(machine).read_bytes() if machine else b""
    return own + b"\n" + ca_file.read_bytes()
