"""The schemas as files: where they are, and the codec built from them under their committed ids."""

import hashlib
import json
from pathlib import Path

import runtime
from kernel.codec import Codec
from kernel.errors import FatalError

LOCK = "lock.json"


def schemas_directory() -> Path:
    """`schemas` beside the packages as a wheel lays them out, else the repository's."""
    package = Path(runtime.__file__).resolve().parent
    for parent in (package, *package.parents):
        if (parent / "schemas" / LOCK).is_file():
            return parent / "schemas"
    raise FatalError(f"no schemas/{LOCK} stands beside {package} or above it: install them again")


def load_codec(directory: Path) -> Codec:
    """FatalError names every file that is missing or does not have the sum in the lock."""
    lock = directory / LOCK
    try:
        entries = list(json.loads(lock.read_text()))
        wanted = {int(item["id"]): (item["file"], item["sha256"]) for item in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FatalError(f"{lock} cannot be read: {error}: restore the released file") from error
    if not entries:
        raise FatalError(f"{lock} names no schema: restore the released file")
    if len(wanted) != len(entries):
        raise FatalError(f"{lock} gives one id to several schemas: restore the released file")
    texts, faults = {}, []
    for schema_id, (name, sha256) in wanted.items():
        path = directory / "avro" / name
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != sha256:
            what = "differs from its sum" if path.is_file() else "is missing"
            faults.append(f"{path} {what} in {LOCK}")
        texts[schema_id] = data.decode(errors="replace")
    if faults:
        raise FatalError("; ".join(faults) + ": restore the released files")
    return Codec.of(texts)
