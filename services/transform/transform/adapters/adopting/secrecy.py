"""Nothing personal stands in the workbook in clear: parties are sealed, keys are digests."""

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.errors import FatalError
from transform.adapters.adopting.profile_json import packed, unpacked
from transform.domain.matching.profiles import Profile

KEY_BYTES, NONCE_BYTES, DIGEST_BYTES = 32, 12, 8


class Secrecy:
    """Both keys come from the key-encryption key, which stays in its file."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._cipher = AESGCM(_derived(master, b"tallystick adopt: parties"))
        self._digest_key = _derived(master, b"tallystick adopt: keys")

    def __reduce__(self) -> tuple[type["Secrecy"], tuple[bytes]]:
        return Secrecy, (self._master,)

    def sealed(self, profile: Profile) -> bytes:
        """What was read of a party, with the party itself."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, packed(profile), None)

    def opened(self, sealed: bytes) -> Profile:
        """FatalError where the key-encryption key is another one than it was sealed under."""
        try:
            content = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise FatalError(
                "the adoption was begun under another key-encryption key: set KEK_FILE to that"
                " one, or begin in another directory"
            ) from error
        try:
            return unpacked(content)
        except ValueError as error:
            raise FatalError(f"the workbook is damaged ({error}): begin anew") from error

    def digest(self, key: str) -> int:
        """A number of 64 bits from which the key cannot be told."""
        found = hashlib.blake2b(
            key.encode(errors="replace"), key=self._digest_key, digest_size=DIGEST_BYTES
        )
        return int.from_bytes(found.digest(), signed=True)


def secrecy_of(kek_file: Path) -> Secrecy:
    try:
        master = base64.b64decode(kek_file.read_text().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise FatalError(f"KEK_FILE {kek_file} holds no key in base64") from error
    if len(master) != KEY_BYTES:
        raise FatalError(f"KEK_FILE {kek_file} holds {len(master)} bytes: {KEY_BYTES} make a key")
    return Secrecy(master)


def _derived(master: bytes, about: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=about).derive(master)
