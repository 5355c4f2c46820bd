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
ADMINISTRATOR_ROLE, INTEGRATION_ROLE, RECEIVABLES_ROLE = 3, 1011, 1012
VIEWER_ROLE, KIOSK_ROLE = 1013, 1014


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
    role_id=INTEGRATION_ROLE,
    role="Tallystick Integration",
)
FINANCE = User(
    id=12,
    name="Frieda Finance",
    first_name="Frieda",
    last_name="Finance",
    email="frieda.finance@tallystick.example",
    role_id=RECEIVABLES_ROLE,
    role="Accounts Receivable",
)
ADMINISTRATOR = User(
    id=13,
    name="Ada Administrator",
    first_name="Ada",
    last_name="Administrator",
    email="ada.administrator@tallystick.example",
    role_id=ADMINISTRATOR_ROLE,
    role="Administrator",
    administrator=True,
)
VIEWER = User(
    id=14,
    name="Vera Viewer",
    first_name="Vera",
    last_name="Viewer",
    email="vera.viewer@tallystick.example",
    role_id=VIEWER_ROLE,
    role="Sales Viewer",
)
"""Sees customers, orders and the catalogue; has no SuiteAnalytics."""
KIOSK = User(
    id=15,
    name="Kim Kiosk",
    first_name="Kim",
    last_name="Kiosk",
    email="kim.kiosk@tallystick.example",
    role_id=KIOSK_ROLE,
    role="Store Kiosk",
)
"""Has a token, but a role that may not sign in with one."""
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
    "viewer": VIEWER,
    "kiosk": KIOSK,
}
RETIRED = "retired"
"""Credentials of the integration's user under an integration record that is blocked."""


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
    blocked: bool = False
    """Is the integration record blocked?"""

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
        yield f"{RETIRED}.{name}", secrets.token_hex(32)
    for who in (*USERS, RETIRED):
        for name in ("token_id", "token_secret"):
            yield f"{who}.{name}", secrets.token_hex(32)
        yield f"{who}.certificate_id", secrets.token_urlsafe(32)


def read_credentials(kept: Mapping[str, str], directory: Path) -> dict[str, Credential]:
    """By user; makes the key and certificate files when they are missing.

    One RSA key and one elliptic key serve all: the administrator's certificates are elliptic, so
    that both families of signatures are at hand. Each certificate is mapped once.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = {stem: _ensure_key(directory / f"{stem}.key") for stem in ("m2m-rsa", "m2m-ec")}
    people = {**{who: (user, "") for who, user in USERS.items()}}
    people[RETIRED] = (INTEGRATION, f"{RETIRED}.")
    found: dict[str, Credential] = {}
    for who, (user, prefix) in people.items():
        stem = "m2m-ec" if user.administrator else "m2m-rsa"
        certificate_file = directory / f"{who}.pem"
        _ensure_certificate(certificate_file, keys[stem], user.name)
        found[who] = Credential(
            user=user,
            consumer_key=kept[f"{prefix}consumer_key"],
            consumer_secret=kept[f"{prefix}consumer_secret"],
            token_id=kept[f"{who}.token_id"],
            token_secret=kept[f"{who}.token_secret"],
            client_id=kept[f"{prefix}client_id"],
            certificate_id=kept[f"{who}.certificate_id"],
            key_file=directory / f"{stem}.key",
            certificate_file=certificate_file,
            blocked=bool(prefix),
        )
    return found


def new_rsa_key(bits: int = RSA_BITS) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _ensure_key(key_file: Path) -> PrivateKey:
    if key_file.exists():
        held = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(held, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError(f"{key_file.name} is neither RSA nor elliptic")
        return held
    key: PrivateKey = (
        new_rsa_key() if "rsa" in key_file.stem else ec.generate_private_key(ec.SECP256R1())
    )
    write_private(key_file, pem(key))
    return key


def _ensure_certificate(certificate_file: Path, key: PrivateKey, name: str) -> None:
    if not certificate_file.exists():
        certificate = make_certificate(key, name)
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def make_certificate(
    key: PrivateKey,
    name: str,
    days: int = CERTIFICATE_DAYS,
    begins: datetime | None = None,
) -> x509.Certificate:
    """Self-signed, as integrations make them."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = begins or datetime.now(UTC) - timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
