"""Finds equal texts without keeping them: keyed digests, under a key derived from the
key-encryption key."""

import hmac
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from runtime.data_keys import read_key

PURPOSE = b"tallystick blind index 1"
KEY_BYTES, DIGEST_BYTES = 32, 16


class BlindIndex:
    """The same text always has the same digest here, and nobody without the key can make it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, text: str) -> bytes:
        return hmac.new(self._key, text.encode(), sha256).digest()[:DIGEST_BYTES]


def open_blind_index(kek_file: Path) -> BlindIndex:
    """FatalError names the file where it holds no key."""
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return BlindIndex(derivation.derive(read_key(kek_file)))
