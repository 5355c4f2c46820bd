"""The certificates that integrations have mapped to a user and role, and what they must be."""

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.netsuite.principals import Credential

SCHEMA = """
CREATE TABLE IF NOT EXISTS _certificate (
  id TEXT PRIMARY KEY, client TEXT NOT NULL, user INTEGER NOT NULL, pem TEXT NOT NULL,
  fingerprint TEXT NOT NULL UNIQUE, revoked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""
RSA_SIZES = (3072, 4096)
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
RSA_ALGORITHMS = ("PS256", "PS384", "PS512")
VALID_FOR_MAX = timedelta(days=731)
"""Two years, one of which may be a leap year."""
ACTIVE_MAX = 5
PEM_BYTES_MAX = 20_000
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class CertificateError(Exception):
    """Why a certificate cannot be mapped; a sentence for the one who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A certificate and whom it signs in."""

    id: str
    credential: Credential
    key: PublicKey
    begins: datetime
    ends: datetime
    revoked: bool

    def good_at(self, moment: datetime) -> bool:
        return not self.revoked and self.begins <= moment < self.ends

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What assertions may be signed with: a curve has one algorithm of its own."""
        if isinstance(self.key, rsa.RSAPublicKey):
            return RSA_ALGORITHMS
        return (CURVES[self.key.curve.name],)


class Certificates:
    """Kept in the database; what is wrong with one is told when it is mapped."""

    def __init__(self, connection: sqlite3.Connection, people: Iterable[Credential]) -> None:
        self._connection = connection
        self._people = {(one.client_id, one.user.id): one for one in people}
        self._held: dict[str, Mapped] = {}
        for one in self._people.values():
            if not self._row(one.certificate_id):
                self._keep(one.certificate_id, one, one.certificate_file.read_text())

    def find(self, identifier: str) -> Mapped | None:
        if identifier not in self._held:
            row = self._row(identifier)
            credential = self._people.get((row["client"], row["user"])) if row else None
            if row is None or credential is None:
                return None
            self._held[identifier] = _mapped(row, credential)
        return self._held[identifier]

    def knows(self, client: str, user: int) -> bool:
        return (client, user) in self._people

    def of(self, client: str, user: int) -> list[Mapped]:
        rows = self._connection.execute(
            "SELECT id FROM _certificate WHERE client = ? AND user = ? ORDER BY id", (client, user)
        ).fetchall()
        found = [self.find(row["id"]) for row in rows]
        return [one for one in found if one is not None]

    def add(self, client: str, user: int, text: str, now: datetime) -> Mapped:
        credential = self._people.get((client, user))
        if credential is None:
            raise CertificateError("The integration record does not exist.")
        check_certificate(read_certificate(text), now)
        if sum(one.good_at(now) for one in self.of(client, user)) >= ACTIVE_MAX:
            raise CertificateError(f"There are {ACTIVE_MAX} active certificates; revoke one first.")
        identifier = secrets.token_urlsafe(32)
        try:
            self._keep(identifier, credential, text)
        except sqlite3.IntegrityError as error:
            raise CertificateError("This certificate is mapped already.") from error
        found = self.find(identifier)
        if found is None:
            raise CertificateError("The certificate could not be kept.")
        return found

    def revoke(self, identifier: str) -> None:
        self._connection.execute("UPDATE _certificate SET revoked = 1 WHERE id = ?", (identifier,))
        self._held.pop(identifier, None)

    def _row(self, identifier: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT id, client, user, pem, revoked FROM _certificate WHERE id = ?", (identifier,)
        ).fetchone()
        return row

    def _keep(self, identifier: str, credential: Credential, text: str) -> None:
        fingerprint = read_certificate(text).fingerprint(hashes.SHA256()).hex()
        self._connection.execute(
            "INSERT INTO _certificate (id, client, user, pem, fingerprint) VALUES (?,?,?,?,?)",
            (identifier, credential.client_id, credential.user.id, text, fingerprint),
        )


def _mapped(row: sqlite3.Row, credential: Credential) -> Mapped:
    certificate = read_certificate(row["pem"])
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise TypeError("only RSA and elliptic certificates are kept")
    return Mapped(
        id=row["id"],
        credential=credential,
        key=key,
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
        revoked=bool(row["revoked"]),
    )


def read_certificate(text: str) -> x509.Certificate:
    if len(text) > PEM_BYTES_MAX:
        raise CertificateError("The certificate is too large.")
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise CertificateError("The certificate must be X.509 in PEM form.") from error


def check_certificate(certificate: x509.Certificate, now: datetime) -> None:
    """RSA of 3072 or 4096 bits or a NIST curve; valid now and for two years at most."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in RSA_SIZES:
            raise CertificateError("The RSA key must have 3072 or 4096 bits.")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in CURVES:
        raise CertificateError("The key must be RSA or elliptic (P-256, P-384 or P-521).")
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if ends - begins > VALID_FOR_MAX:
        raise CertificateError("The certificate may be valid for two years at most.")
    if not begins <= now.astimezone(UTC) < ends:
        raise CertificateError("The certificate is not valid now.")
