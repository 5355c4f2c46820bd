"""The connected app and the users' secrets: made once a state, in files only its owner reads."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.tls import write_private

KEY_BITS = 2048
PEOPLE = ("integration", "sales", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    username: str
    password: str = field(repr=False)
    security_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    consumer_key: str
    consumer_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    users: Mapping[str, Secret]
    """By role."""
    private_key_file: Path
    public_key: bytes

    @property
    def integration(self) -> Secret:
        return self.users["integration"]

    def secret_of(self, username: str) -> Secret | None:
        wanted = username.lower()
        found = (secret for secret in self.users.values() if secret.username == wanted)
        return next(found, None)


def load_credentials(directory: Path) -> Credentials:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, key = directory / "credentials.json", directory / "jwt_bearer.key"
    if not path.exists():
        _make(path, key)
    kept = json.loads(path.read_text())
    return Credentials(
        consumer_key=kept["consumer_key"],
        consumer_secret=kept["consumer_secret"],
        refresh_token=kept["refresh_token"],
        users={role: Secret(**secret) for role, secret in kept["users"].items()},
        private_key_file=key,
        public_key=kept["public_key"].encode(),
    )


def _make(path: Path, key_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    kept = {
        "consumer_key": f"3MVG9{secrets.token_urlsafe(60)}"[:85],
        "consumer_secret": secrets.token_hex(32).upper(),
        "refresh_token": f"5Aep861{secrets.token_urlsafe(60)}",
        "users": {role: _secret(role) for role in PEOPLE},
        "public_key": public.decode(),
    }
    write_private(key_path, private)
    write_private(path, json.dumps(kept).encode())


def _secret(role: str) -> dict[str, str]:
    return {
        "username": f"{role}@tallystick.example",
        "password": secrets.token_urlsafe(12),
        "security_token": secrets.token_hex(12),
    }
