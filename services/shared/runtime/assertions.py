"""Signed assertions (JWT) with a private key out of a file: who we are, for a vendor's sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.errors import FatalError

CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
SECRET_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class SigningKey:
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    algorithm: str

    def signed(self, claims: Mapping[str, object], headers: Mapping[str, str]) -> str:
        return jwt.encode(dict(claims), self.key, self.algorithm, headers=dict(headers))


def signing_key(path: Path, setting: str, *, rsa: str, bits_least: int, curves: bool) -> SigningKey:
    """`rsa` is the algorithm for RSA keys. FatalError names the setting and the file where it
    holds no key that will do."""
    key = _loaded(path, setting)
    if isinstance(key, RSAPrivateKey):
        if key.key_size < bits_least:
            raise FatalError(
                f"{setting} {path} holds a key that is too short: use {bits_least} bits"
            )
        return SigningKey(key, rsa)
    if curves and isinstance(key, EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return SigningKey(key, CURVES[key.curve.name])
    wanted = "RSA, or EC with P-256, P-384 or P-521" if curves else "RSA"
    raise FatalError(f"{setting} {path} holds a key of the wrong kind: use {wanted}")


def secret_in(path: Path, setting: str) -> str:
    """The text of a file without the line's end. Read at each use, so that it may be replaced."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(SECRET_BYTES_MAX).strip()
    except (OSError, ValueError) as error:
        raise FatalError(f"{setting} {path} cannot be read: {type(error).__name__}") from error
    if not text:
        raise FatalError(f"{setting} {path} is empty")
    return text


def _loaded(path: Path, setting: str) -> object:
    try:
        return load_pem_private_key(secret_in(path, setting).encode(), None)
    except (ValueError, TypeError) as error:
        raise FatalError(
            f"{setting} {path} holds no readable private key: give an unencrypted PEM file"
        ) from error
