"""Equal texts are found by digests that say nothing and that nobody else can make."""

import base64
from pathlib import Path

import pytest

from kernel.errors import FatalError
from runtime.blind_index import DIGEST_BYTES, open_blind_index


def key_file(tmp_path: Path, byte: int) -> Path:
    path = tmp_path / f"kek-{byte}"
    path.write_text(base64.b64encode(bytes([byte]) * 32).decode())
    return path


def test_equal_texts_have_equal_digests_and_others_have_others(tmp_path: Path) -> None:
    path = key_file(tmp_path, 1)
    one, again = open_blind_index(path), open_blind_index(path)
    assert one.digest("name:abc") == again.digest("name:abc")
    assert one.digest("name:abc") != one.digest("name:abd")
    assert len(one.digest("name:abc")) == DIGEST_BYTES


def test_another_key_makes_other_digests(tmp_path: Path) -> None:
    one, other = (open_blind_index(key_file(tmp_path, byte)) for byte in (1, 2))
    assert one.digest("name:abc") != other.digest("name:abc")


def test_a_file_without_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.write_text("no key")
    with pytest.raises(FatalError, match=str(path)):
        open_blind_index(path)
