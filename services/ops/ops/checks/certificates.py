"""The certificate whose key signs for us: how long it still holds, and whether the key fits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from ops.checks.finding import Area, Finding

WARNED = timedelta(days=30)


def certificate_findings(
    area: Area, setting: str, path: Path | None, key_file: Path | None, now: datetime
) -> Iterator[Finding]:
    """`setting` names the certificate's file. Nothing where none is named: the vendor alone then
    knows when it ends."""
    if path is None or key_file is None:
        return
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        yield area.wrong(f"{path} holds no certificate in PEM form", f"SRE: correct {setting}.")
        return
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*spki) != key.public_key().public_bytes(*spki):
        yield area.wrong(
            f"{path.name} is the certificate of another key", f"SRE: correct {setting} or the key."
        )
    yield _life(area, certificate, now)


def _life(area: Area, certificate: x509.Certificate, now: datetime) -> Finding:
    ends = certificate.not_valid_after_utc
    remedy = "Administrator: make and upload a new one; SRE: put its key in place."
    if ends <= now:
        return area.wrong(f"the certificate ended on {ends.date()}", remedy)
    days = (ends - now).days
    if ends - now < WARNED:
        return area.wrong(f"the certificate ends in {days} days, on {ends.date()}", remedy)
    return area.well(f"the certificate holds for {days} days")
