"""The people and the integration that sign in, with their roles and credentials."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from sandbox.tls import write_private

RSA_BITS = 3072
CERTIFICATE_DAYS = 729
"""The vendor caps a certificate's validity at two years."""
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: int
    """An employee's internal id."""
    name: str
    first_name: str
    last_name: str
    email: str
    role_id: int
    role: str
    administrator: bool = False

    @property
    def actor(self) -> str:
        """How the journal names them."""
        return self.name


INTEGRATION = User(
    id=11,
    name="Tallystick Integration",
    first_name="Tallystick",
    last_name="Integration",
    email="integration@tallystick.example",
    role_id=1011,
    role="Tallystick Integration",
)
FINANCE = User(
    id=12,
    name="Frieda Finance",
    first_name="Frieda",
    last_name="Finance",
    email="frieda.finance@tallystick.example",
    role_id=1012,
    role="Accounts Receivable",
)
ADMINISTRATOR = User(
    id=13,
    name="Ada Administrator",
    first_name="Ada",
    last_name="Administrator",
    email="ada.administrator@tallystick.example",
    role_id=3,
    role="Administrator",
    administrator=True,
)
SYSTEM = User(
    id=-4,
    name="System",
    first_name="",
    last_name="System",
    email="",
    role_id=0,
    role="System",
    administrator=True,
)
USERS: Mapping[str, User] = {
    "integration": INTEGRATION,
    "finance": FINANCE,
    "administrator": ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What one user signs in with. The private key stays with the client: it is a file."""

    user: User
    consumer_key: str
    consumer_secret: str = field(repr=False)
    token_id: str
    token_secret: str = field(repr=False)
    client_id: str
    certificate_id: str
    key_file: Path
    certificate_file: Path

    def endpoints(self) -> dict[str, object]:
        return {
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "token_id": self.token_id,
            "token_secret": self.token_secret,
            "client_id": self.client_id,
            "certificate_id": self.certificate_id,
            "private_key_file": str(self.key_file),
        }


def make_secrets() -> Iterator[tuple[str, str]]:
    """Names and values of a new account's secrets, to be kept in its database."""
    for name in ("consumer_key", "consumer_secret", "client_id"):
        yield name, secrets.token_hex(32)
    for who in USERS:
        for name in ("token_id", "token_secret"):
            yield f"{who}.{name}", secrets.token_hex(32)
        yield f"{who}.certificate_id", secrets.token_urlsafe(32)


def read_credentials(kept: Mapping[str, str], directory: Path) -> dict[str, Credential]:
    """By user; makes the key files when they are missing.

    The integration and the finance user have RSA certificates over one key, the administrator
    an elliptic one, so that both families of signatures are at hand.
    """
    keys = {"integration": "m2m-rsa", "finance": "m2m-rsa", "administrator": "m2m-ec"}
    for stem in sorted(set(keys.values())):
        _ensure_key(directory / f"{stem}.key", directory / f"{stem}.pem")
    return {
        who: Credential(
            user=user,
            consumer_key=kept["consumer_key"],
            consumer_secret=kept["consumer_secret"],
            token_id=kept[f"{who}.token_id"],
            token_secret=kept[f"{who}.token_secret"],
            client_id=kept["client_id"],
            certificate_id=kept[f"{who}.certificate_id"],
            key_file=directory / f"{keys[who]}.key",
            certificate_file=directory / f"{keys[who]}.pem",
        )
        for who, user in USERS.items()
    }


def new_rsa_key(bits: int = RSA_BITS) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _ensure_key(key_file: Path, certificate_file: Path) -> None:
    if key_file.exists() and certificate_file.exists():
        return
    directory = key_file.parent
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key: PrivateKey = (
        new_rsa_key() if "rsa" in key_file.stem else ec.generate_private_key(ec.SECP256R1())
    )
    write_private(key_file, pem(key))
    certificate_file.write_bytes(
        _certificate(key).public_bytes(serialization.Encoding.PEM),
    )


def _certificate(key: PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tallystick integration")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
